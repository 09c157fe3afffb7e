package main

import (
	"os"
	"strings"
	"testing"
)

func TestConvergenceIsWhatTheLibraryDecides(t *testing.T) {
	want, err := convergence(nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(want), "**") {
		t.Error("two orders of arrival do not end alike, or words of one instant are not ranked: look for bold text")
	}
	got, err := os.ReadFile("../../kyc/CONVERGENCE.md")
	if err != nil || string(got) != string(want) {
		t.Errorf("CONVERGENCE.md is not what the library decides (%v); run: go generate ./kyc", err)
	}
}

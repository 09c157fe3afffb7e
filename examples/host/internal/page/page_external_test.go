package page_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kycle/kycle/examples/host/internal/page"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// The pictures are the library's own.
func TestPicturesAreCopies(t *testing.T) {
	for copied, original := range map[string]string{
		"kyc_validation.svg": "../../../../kyc/LIFECYCLE.svg",
		"id_pass.svg":        "../../../../idpass/LIFECYCLE.svg",
	} {
		want, err := os.ReadFile(original)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(copied); err != nil || string(got) != string(want) {
			t.Errorf("%s is not %s, %v; run: go generate ./examples/host/internal/page", copied, original, err)
		}
	}
}

// Every status has its count, in the picture and in the list, whatever it is.
func TestEveryStatusIsCounted(t *testing.T) {
	p, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	counts, want := page.Counts{kyc.Kind: {}, idpass.Kind: {}}, []string{}
	n := 9_995 // up to five digits
	add := func(kind, status string) {
		counts[kind][status] = n
		want = append(want, fmt.Sprintf("%s: %d records", status, n))
		n++
	}
	for _, s := range kyc.Machine.Definition().States {
		add(kyc.Kind, string(s.Name))
	}
	for _, s := range idpass.Machine.Definition().States {
		add(idpass.Kind, string(s.Name))
	}
	html, err := p.HTML(now, counts, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range want {
		if strings.Count(string(html), `aria-label="`+text+`"`) != 1 {
			t.Errorf("the page does not say %q once", text)
		}
	}
	if again, err := p.HTML(now, nil, nil); err != nil || !strings.Contains(string(again), "approved: 0 records") {
		t.Errorf("without records: %v", err)
	}
}

// The policy lets exactly the page's own style in, and the pictures are whole.
func TestPageIsSelfContained(t *testing.T) {
	p, err := page.New()
	if err != nil {
		t.Fatal(err)
	}
	html, err := p.HTML(now, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllSubmatch(html, -1)
	if len(style) != 1 {
		t.Fatalf("%d styles, want 1", len(style))
	}
	sum := sha256.Sum256(style[0][1])
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(p.Policy(), want) {
		t.Errorf("the policy is %s, want %s", p.Policy(), want)
	}
	if loaded := regexp.MustCompile(`<(?:script|img|iframe|object|embed)|(?:src|href)="[^#d]|url\(|@import`).Find(html); loaded != nil {
		t.Errorf("the page loads something: %s", loaded)
	}
	pictures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAll(html, -1)
	if len(pictures) != 2 {
		t.Fatalf("%d pictures, want 2", len(pictures))
	}
	for _, svg := range pictures {
		var whole struct{}
		if err := xml.Unmarshal(svg, &whole); err != nil {
			t.Errorf("%v in %.80s", err, svg)
		}
	}
}

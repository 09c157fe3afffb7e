package product

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// Refuse words a refused command for a person, as a *Refusal, in the words of its table:
// the rule that said no, or else the statuses in which the command is allowed. Any other
// error is returned as it is.
func Refuse(err error, table *lifecycle.Chart) error {
	var denied *lifecycle.Denied
	if !errors.As(err, &denied) {
		return err
	}
	only := "No status allows it."
	if len(denied.AllowedFrom) > 0 {
		only = fmt.Sprintf("It is allowed when status is %s.", denied.Sources())
	}
	for _, row := range table.Definition().Rows {
		for _, rule := range row.If {
			if rule.Code == denied.Rule {
				only = fmt.Sprintf("It is allowed only if %s.", rule.Name)
			}
		}
	}
	current := ""
	if denied.From != "" {
		current = fmt.Sprintf(" Current status is %q.", denied.From)
	}
	text := fmt.Sprintf("Cannot %s.%s %s", strings.ReplaceAll(denied.Event, "_", " "), current, only)
	return &Refusal{Denied: denied, Current: denied.From, Text: text}
}

package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/contract"
)

func TestWarnings(t *testing.T) {
	for text, rules := range map[string][]string{
		"FROM a AS b\nRUN x\n":          nil,
		"FROM a as B\n":                 {"StageNameCasing", "FromAsCasing"},
		"FROM a\nRUN x \\\n\n  y\n":     {"NoEmptyContinuation"},
		"FROM a\nMAINTAINER x\nCMD x\n": {"MaintainerDeprecated"},
	} {
		warnings, err := contract.Warnings(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range warnings {
			rule, _, _ := strings.Cut(w, ":")
			got = append(got, rule)
		}
		if !slices.Equal(got, rules) {
			t.Errorf("%q: warnings %q, want the rules %q", text, warnings, rules)
		}
	}
}

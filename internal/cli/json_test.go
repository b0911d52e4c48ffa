package cli

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/campaign/overview"
	"github.com/drydock-dev/drydock/internal/campaign/store"
	"github.com/drydock-dev/drydock/internal/report"
	"github.com/drydock-dev/drydock/internal/verify"
)

// fieldsOf adds the JSON fields of a type and of those in it, each with a star if it
// is never left out.
func fieldsOf(of reflect.Type, add func(field string)) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		fieldsOf(of.Elem(), add)
	case reflect.Struct:
		for f := range of.Fields() {
			name, options, tagged := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				continue
			}
			if !tagged || options != "omitempty" {
				name += "*"
			}
			add(name)
			fieldsOf(f.Type, add)
		}
	}
}

// TestPageOfJSON holds docs/json.md to the forms: each names all fields of the other's.
func TestPageOfJSON(t *testing.T) {
	text, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	files, rest, _ := strings.Cut(string(text), "\n## pr\n")
	pulls, campaigns, _ := strings.Cut(rest, "\n## campaign plan")
	field := regexp.MustCompile("`([a-z_]+)`(\\*?)")
	tells := func(section string) (fields []string) {
		for _, m := range field.FindAllStringSubmatch(section, -1) {
			fields = append(fields, m[1]+m[2])
		}
		return fields
	}
	for name, form := range map[string]struct {
		section, refers string
		types           []any
		others          []string // that are in forms of no type
	}{
		"files":     {files, "", []any{report.File{}, report.Summary{}, verify.Report{}}, []string{"version*", "files*", "summary*"}},
		"pr":        {pulls, files, []any{prReport{}}, nil},
		"campaigns": {campaigns, "", []any{overview.Overview{}, store.Entry{}}, []string{"campaigns"}},
	} {
		fields := form.others
		for _, v := range form.types {
			fieldsOf(reflect.TypeOf(v), func(field string) { fields = append(fields, field) })
		}
		told := tells(form.section + form.refers)
		for _, f := range fields {
			if f != "version*" && !slices.Contains(told, f) {
				t.Errorf("%s: the page does not tell of %s", name, f)
			}
		}
		for _, f := range tells(form.section) {
			if strings.HasSuffix(f, "*") && !slices.Contains(fields, f) {
				t.Errorf("%s: the page tells of %s, which is none, or is left out where it is empty", name, f)
			}
		}
	}
}

package verify_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/drydock-dev/drydock/internal/verify"
	"github.com/drydock-dev/drydock/internal/verify/builder"
)

// buildah builds and compares; as it starts nothing, nothing is claimed.
func TestBuildahComparesAndClaimsNothing(t *testing.T) {
	storage(t, "buildah")
	b, err := builder.Find(t.Context(), builder.Options{Address: "buildah", Getenv: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"kept", "lost"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	v := verify.New(verify.Options{Builder: b, Request: builder.Request{Context: dir}})
	const before = "FROM scratch\nCOPY kept lost /data/\nENV A=b\nCMD [\"/none\"]\n"
	for _, c := range []struct{ name, after, want string }{
		{"it holds", strings.Replace(before, "kept lost", "lost kept", 1), "not proven: it builds, and was not started: buildah builds and does not start: use a BuildKit, Docker or podman\n"},
		{"a file is lost", strings.Replace(before, " lost", "", 1), "files: /data/lost"},
		{"a variable is lost", strings.Replace(before, "ENV A=b\n", "", 1), "config: the variable A is lost"},
		{"it does not build", strings.Replace(before, "lost", "nowhere", 1), "build: it does not build: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			report, err := v.Verify(t.Context(), verify.Rewrite{Before: before, After: c.after})
			if err != nil {
				t.Fatal(err)
			}
			var table bytes.Buffer
			if err := verify.WriteTable(&table, report); err != nil {
				t.Fatal(err)
			}
			if report.Proven() || !strings.Contains(table.String(), c.want) {
				t.Errorf("it does not say %q:\n%s", c.want, &table)
			}
			if strings.Contains(table.String(), "\nstart ") {
				t.Errorf("it tells of a start:\n%s", &table)
			}
		})
	}
}

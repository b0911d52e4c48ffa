package agent

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWhoIsAtWork(t *testing.T) {
	for name, c := range map[string]struct {
		threads map[string]string // their states, by PROCESS/THREAD
		want    bool
	}{
		"nobody":                        {nil, false},
		"a server that waits":           {map[string]string{"7/7": "7 (node) S 1", "7/8": "8 (node) S 1"}, false},
		"a program that runs":           {map[string]string{"7/7": "7 (node) R 1"}, true},
		"one that waits for a disk":     {map[string]string{"7/7": "7 (node) D 1"}, true},
		"another thread than the first": {map[string]string{"7/7": "7 (java) S 1", "7/8": "8 (main) R 1"}, true},
		"the agent itself":              {map[string]string{"3/3": "3 (drydock) R 1", "3/4": "4 (drydock) R 1"}, false},
		"a name with a parenthesis":     {map[string]string{"7/7": "7 (a) R b) S 1"}, false},
		"one that has ended":            {map[string]string{"7/7": "7 (node) Z 1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			proc := t.TempDir()
			for thread, stat := range c.threads {
				process, id := filepath.Split(thread)
				dir := filepath.Join(proc, process, "task", id)
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "stat"), []byte(stat+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got := atWork(proc, 3); got != c.want {
				t.Errorf("atWork = %t", got)
			}
		})
	}
}

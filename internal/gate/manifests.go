package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// What is promised of manifests: 5,000 YAML files in a tree, on two cores, and the
// cost of a file the same in a tree of 1,000.
const (
	manifestFiles     = 5000
	wantManifests     = 2 * time.Second
	wantManifestRatio = 2
)

// manifestSpeed runs the program over a repository of one Dockerfile and many
// manifests, of which one in ten runs its image.
func manifestSpeed(program, dir string, out io.Writer) error {
	var took [2]time.Duration
	for i, n := range []int{manifestFiles / 5, manifestFiles} {
		root := filepath.Join(dir, fmt.Sprint("manifests", n))
		if err := writeManifests(root, n); err != nil {
			return err
		}
		took[i] = time.Hour
		for range 3 {
			wall, _ := runProgram(program, "diff", root)
			took[i] = min(took[i], wall)
		}
	}
	ratio := float64(took[1]) / float64(took[0]) / 5
	fmt.Fprintf(out, "drydock diff of a Dockerfile with %d manifests: %v, best of 3 (%s); a file costs %.1f times what it does among %d (%s)\n",
		manifestFiles, took[1].Round(10*time.Millisecond), met(took[1] < wantManifests, "under 2 s"),
		ratio, manifestFiles/5, met(ratio < wantManifestRatio, "linear"))
	return nil
}

func writeManifests(root string, n int) error {
	files := map[string]string{
		".git/HEAD":  "ref: refs/heads/main\n",
		"build.sh":   "docker build -t example.org/shop .\n",
		"Dockerfile": "FROM debian:bookworm\nRUN useradd app\nUSER app\nCMD [\"true\"]\n",
	}
	for i := range n {
		image := fmt.Sprint("example.org/other", i)
		if i%10 == 0 {
			image = "example.org/shop"
		}
		files[fmt.Sprintf("deploy/%d/%d.yaml", i/100, i)] = fmt.Sprintf(manifest, i, image)
	}
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-%[1]d
spec:
  replicas: 2
  selector:
    matchLabels: {app: shop-%[1]d}
  template:
    metadata:
      labels: {app: shop-%[1]d}
    spec:
      containers:
        # the shop itself
        - name: shop
          image: %[2]s:1.4
          ports:
            - containerPort: 8080
          securityContext:
            runAsNonRoot: true
---
apiVersion: v1
kind: Service
metadata:
  name: shop-%[1]d
spec:
  ports:
    - port: 80
      targetPort: 8080
`

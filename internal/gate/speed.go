package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/drydock-dev/drydock/internal/contract"
	"github.com/drydock-dev/drydock/internal/engine"
	"github.com/drydock-dev/drydock/internal/fix"
	"github.com/drydock-dev/drydock/internal/report"
)

// What is promised of speed and memory.
const (
	wantFilesPerSecond = 2000 // on two cores
	wantMemory         = 300  // MB, of the whole run over the corpus
	wantRatio          = 10   // CPU, to BuildKit's parser.Parse and instructions.Parse
	wantSmallFile      = 30 * time.Millisecond
	wantGrowth         = 2 // cost a line, of 10,000 lines to that of 100
)

// speed prints what drydock costs. Nothing here fails a build: the machine is
// shared, and a figure that is missed says so.
func speed(o options, list []fix.Fixer, out io.Writer) error {
	samples, err := readCorpus(o.corpus)
	if err != nil {
		return err
	}
	samples = keep(samples, o.match)
	for _, s := range samples[:min(len(samples), 200)] {
		pipeline(s, list, nil) // warm up: tables, pools
	}

	accepted := &contract.Accepted{} // as the program has it
	wall, cpu := measure(func() { inParallel(samples, func(s sample) { pipeline(s, list, accepted) }) })
	rate, perFile, alone := rates(len(samples), wall, cpu)
	fmt.Fprintf(out, "files to diff, with contract and second run, %d workers: %.0f files/s; by %.2f ms CPU a file, %.0f on %d idle cores (%s)\n",
		workers, rate, perFile, alone, workers, met(max(rate, alone) >= wantFilesPerSecond, "2,000 files/s"))

	_, reference := measure(func() {
		inParallel(samples, func(s sample) { buildkitAccepts(s.Text) })
	})
	ratio := cpu.Seconds() / reference.Seconds()
	fmt.Fprintf(out, "CPU to BuildKit's parsers: %.1f (%s)\n", ratio, met(ratio <= wantRatio, "at most 10"))

	var perLine [3]time.Duration
	sizes := [3]int{100, 1000, 10000}
	for i, lines := range sizes {
		text := longFile(lines)
		n := 20000 / lines
		_, cpu := measure(func() {
			for range n {
				pipeline(sample{"long", text}, list, nil)
			}
		})
		perLine[i] = cpu / time.Duration(n*lines)
		fmt.Fprintf(out, "%6d lines: %v CPU a line\n", lines, perLine[i])
	}
	fmt.Fprintf(out, "growth of the cost of a line from 100 to 10,000 lines: %.1f (%s)\n",
		float64(perLine[2])/float64(perLine[0]), met(perLine[2] <= wantGrowth*perLine[0], "at most 2"))
	return binary(samples, out)
}

func met(ok bool, aim string) string {
	if ok {
		return "aim " + aim + ": met"
	}
	return "aim " + aim + ": MISSED"
}

// rates are the files a second as they were, the CPU time of one in milliseconds, and
// the files a second that this makes on idle cores.
func rates(files int, wall, cpu time.Duration) (was, perFile, idle float64) {
	n := float64(files)
	return n / wall.Seconds(), ms(cpu) / n, n * workers / cpu.Seconds()
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// pipeline is what a diff of a file costs: the rewrite, the second run that shows
// it to be stable, the diff.
func pipeline(s sample, list []fix.Fixer, accepted *contract.Accepted) string {
	in := settings[0].input(s.Text)
	in.Accepted = accepted
	first, err := engine.Run(context.Background(), in, list)
	if err != nil || first.Text == s.Text {
		return ""
	}
	in.Text = first.Text
	if _, err := engine.Run(context.Background(), in, list); err != nil {
		return err.Error()
	}
	return report.Diff(s.Path, s.Text, first.Text)
}

func inParallel(samples []sample, do func(sample)) {
	next := make(chan sample, workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for s := range next {
				do(s)
			}
		})
	}
	for _, s := range samples {
		next <- s
	}
	close(next)
	wg.Wait()
}

// measure returns the time on the clock and the CPU time, garbage collection
// included, of this process.
func measure(do func()) (wall, cpu time.Duration) {
	runtime.GC()
	began, used := time.Now(), cpuTime()
	do()
	return time.Since(began), cpuTime() - used
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return cpuOf(u)
}

func cpuOf(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }

// longFile is a Dockerfile of about so many lines, of the kind that people
// write, with something to fix every few lines.
func longFile(lines int) string {
	var b strings.Builder
	b.WriteString("FROM debian:bookworm\n")
	for n := 1; n < lines; n += 10 {
		fmt.Fprintf(&b, "# step %d\nENV STEP_%d=done\nRUN apt-get update && \\\n    apt-get install -y \\\n        curl \\\n        git-%d\nCOPY dir%d/ /srv/%d/\nRUN pip install package%d\nWORKDIR /srv/%d\n\n", n, n, n, n, n, n, n)
	}
	b.WriteString("CMD [\"/bin/true\"]\n")
	return b.String()
}

// binary runs the real program over the corpus in a folder, and over one small
// file.
func binary(samples []sample, out io.Writer) error {
	dir, err := os.MkdirTemp("", "drydock-speed")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "drydock")
	if text, err := exec.Command("go", "build", "-o", program, "./cmd/drydock").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, text)
	}
	corpus := filepath.Join(dir, "corpus")
	for _, s := range samples {
		path := filepath.Join(corpus, s.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(s.Text), 0o644); err != nil {
			return err
		}
	}
	wall, used := runProgram(program, "diff", "--no-context", corpus)
	rate, perFile, alone := rates(len(samples), wall, cpuOf(used))
	memory := used.Maxrss / 1024
	fmt.Fprintf(out, "drydock diff over the corpus: %.0f files/s; by %.2f ms CPU a file, %.0f on %d idle cores (%s), %d MB at most (%s)\n",
		rate, perFile, alone, workers, met(max(rate, alone) >= wantFilesPerSecond, "2,000 files/s"), memory, met(memory < wantMemory, "under 300 MB"))

	small := filepath.Join(dir, "Dockerfile")
	if err := os.WriteFile(small, []byte("FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\nCMD [\"curl\"]\n"), 0o644); err != nil {
		return err
	}
	best := time.Hour
	for range 20 {
		wall, _ := runProgram(program, "diff", "--no-context", small)
		best = min(best, wall)
	}
	fmt.Fprintf(out, "drydock diff of a small file: %v, best of 20 (%s)\n", best.Round(100*time.Microsecond), met(best < wantSmallFile, "under 30 ms"))
	return manifestSpeed(program, dir, out)
}

// runProgram runs a program whose result does not matter here: files of the
// corpus that Docker refuses make it exit with 2.
func runProgram(name string, args ...string) (time.Duration, syscall.Rusage) {
	cmd := exec.Command(name, args...)
	began := time.Now()
	_ = cmd.Run()
	wall := time.Since(began)
	if used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return wall, *used
	}
	return wall, syscall.Rusage{}
}

package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Run runs a command of the agent and writes its result, as JSON, to out. Of "run"
// and "enclose" out gets what the program writes, and errout the result.
func Run(args []string, in io.Reader, out, errout io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("drydock runs this inside the containers that it verifies")
	}
	switch args[0] {
	case "hold":
		hold()
		return nil
	case "watch":
		w, err := watched(args[1:])
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(w.watch())
	case "written":
		if len(args) != 2 {
			return fmt.Errorf("written takes a time")
		}
		since, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return err
		}
		return json.NewEncoder(out).Encode(written("/", time.Unix(0, since)))
	case "run":
		return json.NewEncoder(errout).Encode(runCommand(args[1:], out))
	case "enclose":
		return json.NewEncoder(errout).Encode(enclose(args[1:], in, out))
	case "now":
		return json.NewEncoder(out).Encode(time.Now().UnixNano())
	}
	return fmt.Errorf("the agent has no %s", args[0])
}

// runCommand runs a program to its end.
func runCommand(args []string, out io.Writer) Ended {
	if len(args) == 0 {
		return Ended{Fault: "there is no command"}
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = out, out
	// Daemons that it leaves behind keep the output open; they are not waited for.
	cmd.WaitDelay = time.Second
	return endedWith(cmd, cmd.Run())
}

// endedWith is how a command ended whose Wait gave err.
func endedWith(cmd *exec.Cmd, err error) Ended {
	var exit *exec.ExitError
	switch {
	case cmd.ProcessState == nil:
		return Ended{Code: 127, Fault: err.Error()}
	case errors.As(err, &exit) && exit.ExitCode() < 0:
		status, ok := exit.Sys().(syscall.WaitStatus)
		if ok && status.Signaled() {
			return Ended{Code: 128 + int(status.Signal())} // as a shell has it
		}
		return Ended{Code: 255}
	}
	return Ended{Code: cmd.ProcessState.ExitCode()}
}

// hold waits to be ended, and meanwhile takes in the orphans: it is process 1.
func hold() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for s := range signals {
		if s != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

func watched(args []string) (w Watched, err error) {
	if len(args) < 2 {
		return w, fmt.Errorf("watch takes two times and ports")
	}
	if w.Limit, err = time.ParseDuration(args[0]); err != nil {
		return w, err
	}
	if w.Settle, err = time.ParseDuration(args[1]); err != nil {
		return w, err
	}
	for _, a := range args[2:] {
		p, err := strconv.Atoi(a)
		if err != nil {
			return w, err
		}
		w.Ports = append(w.Ports, p)
	}
	return w, nil
}

func (w Watched) watch() Seen {
	start := time.Now()
	var seen Seen
	for rested := 0; ; rested++ {
		seen.Listening = listening()
		if len(seen.Listening) == 0 && atWork("/proc", os.Getpid()) {
			rested = 0
		}
		waits := slices.ContainsFunc(w.Ports, func(p int) bool { return !slices.Contains(seen.Listening, p) })
		waits = waits || len(seen.Listening) == 0 && rested < idle
		took := time.Since(start)
		if took >= w.Limit || !waits && took >= w.Settle {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, p := range seen.Listening {
		seen.Answers = append(seen.Answers, ask(p))
	}
	return seen
}

// listening are the TCP ports that something in this network namespace listens
// on (proc_net_tcp(5): state 0A).
func listening() []int {
	var ports []int
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		for s := bufio.NewScanner(f); s.Scan(); {
			fields := strings.Fields(s.Text())
			if len(fields) < 4 || fields[3] != "0A" {
				continue
			}
			_, hex, _ := strings.Cut(fields[1], ":")
			if p, err := strconv.ParseInt(hex, 16, 32); err == nil {
				ports = append(ports, int(p))
			}
		}
		f.Close()
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// ask asks a port for /. Redirects are answers.
func ask(port int) Answer {
	a := Answer{Port: port}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost:"+strconv.Itoa(port)+"/", nil)
	if err != nil {
		return a
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req.URL.Host = "127.0.0.1:" + strconv.Itoa(port)
	res, err := client.Do(req)
	if err != nil {
		return a
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 500))
	a.Status, a.Body = res.StatusCode, string(body)
	return a
}

// maxWritten bounds the list of written files.
const maxWritten = 1000

// written lists what was written or made below root since a time, without the
// mounts of the kernel, and folders for temporary files.
func written(root string, since time.Time) []string {
	files := []string{}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() {
			switch path {
			case "/proc", "/sys", "/dev", "/tmp", "/var/tmp", "/run", "/.drydock":
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && time.Unix(st.Ctim.Unix()).After(since) && len(files) < maxWritten {
			files = append(files, path)
		}
		return nil
	})
	return files
}

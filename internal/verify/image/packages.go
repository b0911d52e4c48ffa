package image

import (
	"path"
	"strings"
)

// Packages are the installed packages of the system, by name with version, from
// dpkg's and apk's databases.
func (i *Image) Packages() map[string]string {
	all := map[string]string{}
	var name, version string
	installed := false
	end := func() {
		if name != "" && installed {
			all[name] = version
		}
		name, version, installed = "", "", false
	}
	for line := range strings.Lines(i.text("/var/lib/dpkg/status")) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "":
			end()
		case "Package":
			name = value
		case "Version":
			version = value
		case "Status":
			installed = strings.HasSuffix(value, " installed")
		}
	}
	end()
	for line := range strings.Lines(i.text("/lib/apk/db/installed")) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), ":"); key {
		case "P":
			name, installed = value, true
		case "V":
			version = value
		case "":
			end()
		}
	}
	end()
	return all
}

func (i *Image) text(name string) string {
	if f := i.Files[name]; f != nil {
		return string(f.Text)
	}
	return ""
}

// Owners are the packages that dpkg knows files by: path to package.
func (i *Image) Owners() map[string]string {
	owners := map[string]string{}
	for name, f := range i.Files {
		if path.Dir(name) != "/var/lib/dpkg/info" || f.Text == nil {
			continue
		}
		pkg, _, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".list"), ":")
		for line := range strings.Lines(string(f.Text)) {
			file := strings.TrimSpace(line)
			owners[file] = pkg
			// Since the merge of /usr, what dpkg calls /lib/x lies in /usr/lib/x.
			if real, ok := i.Resolve(path.Dir(file)); ok {
				owners[path.Join(real, path.Base(file))] = pkg
			}
		}
	}
	return owners
}

// Account gives the numeric IDs of a USER value: "name", "uid", "name:group" or
// "uid:gid". It reports false for a name that the image does not have.
func (i *Image) Account(user string) (uid, gid int, ok bool) {
	name, group, hasGroup := strings.Cut(user, ":")
	if name == "" {
		return 0, 0, true
	}
	uid, isNumber := number(name)
	ok = isNumber
	for line := range strings.Lines(i.text("/etc/passwd")) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 4 || f[0] != name && !(isNumber && f[2] == name) {
			continue
		}
		uid, _ = number(f[2])
		gid, ok = number(f[3])
		break
	}
	if hasGroup {
		if n, isNumber := number(group); isNumber {
			return uid, n, ok
		}
		for line := range strings.Lines(i.text("/etc/group")) {
			if f := strings.Split(line, ":"); len(f) > 2 && f[0] == group {
				gid, _ = number(f[2])
			}
		}
	}
	return uid, gid, ok
}

func number(s string) (n int, ok bool) {
	for _, c := range s {
		if c < '0' || c > '9' || n > 1<<31 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, s != ""
}

// Essential are the packages that every image of this distribution has: dpkg's
// essential and required ones, apt, and what they depend on.
func (i *Image) Essential() map[string]bool {
	depends := map[string][]string{}
	essential := map[string]bool{}
	var todo []string
	name := ""
	for line := range strings.Lines(i.text("/var/lib/dpkg/status")) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
		case "Package":
			if name = value; name == "apt" {
				todo = append(todo, name)
			}
		case "Essential", "Priority":
			if value == "yes" || value == "required" {
				todo = append(todo, name)
			}
		case "Depends", "Pre-Depends":
			for _, group := range strings.Split(value, ",") {
				first, _, _ := strings.Cut(group, "|")
				if words := strings.Fields(first); len(words) > 0 {
					pkg, _, _ := strings.Cut(words[0], ":")
					depends[name] = append(depends[name], pkg)
				}
			}
		}
	}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if !essential[next] {
			essential[next] = true
			todo = append(todo, depends[next]...)
		}
	}
	return essential
}

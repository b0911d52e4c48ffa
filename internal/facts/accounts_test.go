package facts

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestLookupAccount(t *testing.T) {
	const none = ""
	for _, test := range []struct{ ref, name, want string }{
		{"node:20", "node", "1000:1000"},
		{"node:20-alpine", "node", "1000:1000"},
		{"node", "node", "1000:1000"},
		{"node:lts-slim", "node", "1000:1000"},
		{"node:6", "node", "1000:1000"}, // 6.17
		{"node:6.2", "node", none},
		{"node:0.12", "node", none},
		{"node:argon", "node", none},
		{"node@sha256:0123", "node", none}, // of any age
		{"node:20-windowsservercore", "node", none},
		{"nginx:1.25", "nginx", "101:101"},
		{"nginx:1.25-alpine", "nginx", "101:101"},
		{"nginx:1.10", "nginx", none}, // 104, given by the package
		{"nginx:alpine", "nobody", "65534:65534"},
		{"nginx", "www-data", "33:33"},
		{"postgres:15", "postgres", "999:999"},
		{"postgres:15-alpine", "postgres", "70:70"},
		{"redis:7", "redis", "999:999"},
		{"redis:7-alpine", "redis", "999:1000"},
		{"redis:3-alpine", "redis", none},
		{"rabbitmq:3.12-management", "rabbitmq", "999:999"},
		{"rabbitmq:3.12-management-alpine", "rabbitmq", "100:101"},
		{"php:8.2-fpm", "www-data", "33:33"},
		{"php:8.2-fpm-alpine", "www-data", "82:82"},
		{"php:8.2-fpm-alpine3.19", "www-data", "82:82"},
		{"alpine:3.19", "www-data", none}, // a group only
		{"alpine:3.19", "daemon", "2:2"},
		{"debian:12", "daemon", "1:1"},
		{"debian:12", "_apt", none}, // 100, in trixie 42
		{"debian", "games", "5:60"},
		{"ubuntu:24.04", "ubuntu", "1000:1000"},
		{"ubuntu:22.04", "ubuntu", none},
		{"ubuntu", "ubuntu", "1000:1000"},
		{"eclipse-temurin:17", "ubuntu", none}, // depends on the release
		{"phusion/baseimage:0.11", "ubuntu", none},
		{"centos:7", "nobody", "99:99"},
		{"amazonlinux:2", "nobody", "99:99"},
		{"amazonlinux:2023", "nobody", "65534:65534"},
		{"rockylinux:9", "nobody", "65534:65534"},
		{"fedora:40", "nobody", "65534:65534"},
		{"fedora:26", "nobody", "99:99"},
		{"fedora", "nobody", none},
		{"gcr.io/distroless/static-debian12", "nonroot", "65532:65532"},
		{"gcr.io/distroless/static", "nobody", "65534:65534"},
		{"mcr.microsoft.com/dotnet/aspnet:8.0", "app", "1654:1654"},
		{"mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled", "app", "1654:1654"},
		{"mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled", "nonroot", none},
		{"mcr.microsoft.com/dotnet/aspnet:7.0", "app", none},
		{"jenkins/jenkins:lts", "jenkins", "1000:1000"},
		{"docker.elastic.co/elasticsearch/elasticsearch:5.6.1", "elasticsearch", "1000:1000"},
		{"elasticsearch:5.6.1", "elasticsearch", none}, // another image
		{"docker.io/jenkins/jenkins:lts-alpine", "jenkins", "1000:1000"},
		{"registry.access.redhat.com/ubi9/python-311", "default", "1001:0"},
		{"jupyter/scipy-notebook", "jovyan", "1000:100"},
		{"mycorp/node:20", "node", none},
		{"busybox", "nobody", "65534:65534"},
		{"scratch", "nobody", none},
		{"${BASE}", "root", none},
		{"example.org/app", "root", none},
	} {
		got := none
		if a, ok := LookupAccount(test.ref, test.name); ok {
			got = strconv.Itoa(a.UID) + ":" + strconv.Itoa(a.GID)
		}
		if got != test.want {
			t.Errorf("LookupAccount(%q, %q) = %q, want %q", test.ref, test.name, got, test.want)
		}
	}
}

func TestDefaultUser(t *testing.T) {
	const unknown = "unknown"
	for ref, want := range map[string]string{
		"python:3.11":                      "root",
		"debian:12":                        "root",
		"node:20":                          "root",
		"jenkins/jenkins:lts":              "jenkins",
		"haproxy:2.8":                      "haproxy",
		"haproxy:2.2":                      unknown,
		"docker:24-dind":                   "root",
		"docker:24-dind-rootless":          "rootless",
		"gcr.io/distroless/static":         "root",
		"gcr.io/distroless/static:nonroot": "nonroot",
		"gcr.io/distroless/base-debian12:debug-nonroot":      "nonroot",
		"mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled": "app",
		"mcr.microsoft.com/windows/servercore:ltsc2022":      unknown,
		"python@sha256:0123":                                 unknown,
		"mycorp/python:3.11":                                 unknown,
	} {
		a, known := DefaultUser(ref)
		got := a.Name
		if !known {
			got = unknown
		}
		if got != want {
			t.Errorf("DefaultUser(%q) = %q, want %q", ref, got, want)
		}
	}
}

func TestPackageAccount(t *testing.T) {
	for _, row := range packageAccounts {
		checkAccount(t, row.packages[0], row.account)
	}
	if a, ok := PackageAccount(Alpine, "postgresql", "postgres"); !ok || a.UID != 70 {
		t.Errorf("postgresql on Alpine: %+v, %v", a, ok)
	}
	if a, ok := PackageAccount(Debian, "postgresql", "postgres"); ok {
		t.Errorf("Debian fixes no ID, got %+v", a)
	}
}

func TestIsFreeID(t *testing.T) {
	for _, test := range []struct {
		ref  string
		id   int
		want bool
	}{
		{"python:3.11", 1000, true},
		{"python:3.11", 1001, true},
		{"python:3.11", 999, false}, // a system ID
		{"node:20", 1000, false},
		{"node:0.12", 1000, false}, // may have it
		{"node:20", 1001, true},
		{"redis:7-alpine", 1000, false}, // the group's
		{"ubuntu:24.04", 1000, false},
		{"ubuntu:22.04", 1000, true},
		{"eclipse-temurin:17", 1000, false}, // of either release
		{"eclipse-temurin:17", 1001, true},
		{"debian:12", 65534, false},
		{"registry.access.redhat.com/ubi9/python-311", 1001, false},
		{"mycorp/base", 1001, false},
	} {
		if got := IsFreeID(test.ref, test.id); got != test.want {
			t.Errorf("IsFreeID(%q, %d) = %v", test.ref, test.id, got)
		}
	}
}

func TestAccountTables(t *testing.T) {
	for name, accounts := range map[string][]Account{
		"debian": debianAccounts, "alpine": alpineAccounts, "redhat": redHatBaseAccounts, "distroless": distrolessAccounts, "busybox": busyboxAccounts,
	} {
		seen, last := map[string]bool{}, -1
		for _, a := range accounts {
			checkAccount(t, name, a)
			if seen[a.Name] || a.UID <= last {
				t.Errorf("%s: %s stands twice or out of order", name, a.Name)
			}
			seen[a.Name], last = true, a.UID
		}
	}
	rows := map[string]bool{}
	for _, row := range imageAccounts {
		checkAccount(t, row.repositories[0], row.account)
		for part := range strings.SplitSeq(row.since, ".") {
			if _, err := strconv.Atoi(part); row.since != "" && err != nil {
				t.Errorf("%s: since %q is not a version", row.repositories[0], row.since)
			}
		}
		for _, repository := range row.repositories {
			if ParseRef(repository).Repository != repository {
				t.Errorf("%q is not a normalised name", repository)
			}
			key := repository + " " + row.account.Name + " " + strconv.Itoa(int(row.variant)) + strings.Join(row.tagHas, ",")
			if rows[key] {
				t.Errorf("%s stands twice", key)
			}
			rows[key] = true
			if a, ok := LookupAccount(exampleRef(row, repository), row.account.Name); !ok || a != row.account {
				t.Errorf("%s: no tag leads to %+v, got %+v", exampleRef(row, repository), row.account, a)
			}
		}
	}
}

// exampleRef is a reference that a row is for.
func exampleRef(row imageAccount, repository string) string {
	tag := row.since
	if len(row.tagHas) > 0 {
		tag = strings.TrimPrefix(tag+"-"+row.tagHas[0], "-")
	}
	if row.variant == onAlpine {
		tag = strings.TrimPrefix(tag+"-alpine", "-")
	}
	if tag == "" {
		return repository
	}
	return repository + ":" + tag
}

func checkAccount(t *testing.T, table string, a Account) {
	t.Helper()
	if a.Name == "" || strings.ToLower(a.Name) != a.Name || a.UID < 0 || a.UID > 65534 || a.GID < 0 || a.GID > 65534 {
		t.Errorf("%s: %+v is not an account", table, a)
	}
	if a.Home != "" && a.Home[0] != '/' || a.Shell != "" && a.Shell[0] != '/' {
		t.Errorf("%s: %+v has a relative path", table, a)
	}
	if (a.GID == 0) != (a.Group == "root") {
		t.Errorf("%s: %+v: the group's name and ID differ", table, a)
	}
}

func TestParseRef(t *testing.T) {
	for text, want := range map[string]Ref{
		"python":                         {"python", "latest", ""},
		"python:3.11":                    {"python", "3.11", ""},
		"python:3.11@sha256:0123":        {"python", "3.11", "sha256:0123"},
		"python@sha256:0123":             {"python", "", "sha256:0123"},
		"library/python":                 {"python", "latest", ""},
		"docker.io/library/python:3":     {"python", "3", ""},
		"docker.io/jenkins/jenkins:lts":  {"jenkins/jenkins", "lts", ""},
		"mirror.gcr.io/library/node:20":  {"node", "20", ""},
		"arm64v8/node:20":                {"node", "20", ""},
		"localhost:5000/node":            {"localhost:5000/node", "latest", ""},
		"localhost:5000/node:20":         {"localhost:5000/node", "20", ""},
		"public.ecr.aws/amazonlinux/x:1": {"public.ecr.aws/amazonlinux/x", "1", ""},
		"python:$V":                      {},
		"${REGISTRY}/python:3":           {},
	} {
		if got := ParseRef(text); got != want {
			t.Errorf("ParseRef(%q) = %+v, want %+v", text, got, want)
		}
	}
}

// TestBasePasswd holds the tables for Debian to the package that makes its
// account files, where the tests run on Debian.
func TestBasePasswd(t *testing.T) {
	for _, c := range []struct {
		file  string
		known map[string]int
	}{
		{"/usr/share/base-passwd/passwd.master", map[string]int{}},
		{"/usr/share/base-passwd/group.master", map[string]int{}},
	} {
		for _, a := range debianAccounts {
			c.known[a.Name] = a.UID
			if strings.HasSuffix(c.file, "group.master") {
				delete(c.known, a.Name)
				c.known[a.Group] = a.GID
			}
		}
		if strings.HasSuffix(c.file, "group.master") {
			for _, g := range debianGroups {
				c.known[g.Name] = g.GID
			}
		}
		text, err := os.ReadFile(c.file)
		if err != nil {
			t.Skip("needs Debian's base-passwd")
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Split(strings.TrimSpace(line), ":")
			if id, ok := c.known[f[0]]; ok && strconv.Itoa(id) != f[2] {
				t.Errorf("%s: %s is %s, the table says %d", c.file, f[0], f[2], id)
			}
			delete(c.known, f[0])
		}
		for name := range c.known {
			t.Errorf("%s has no %s", c.file, name)
		}
	}
}

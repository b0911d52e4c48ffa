package facts

import "slices"

// imageEnv are variables that images set and that their users' commands name, where
// every version sets them alike.
// Sources: docker-library/php, Dockerfile-linux.template; docker-library/ruby,
// Dockerfile.template; BUNDLE_APP_CONFIG and GEM_HOME
// are one folder since 2.2.
var imageEnv = []struct{ repository, name, value string }{
	{"php", "PHP_INI_DIR", "/usr/local/etc/php"},
	{"ruby", "BUNDLE_APP_CONFIG", "/usr/local/bundle"},
	{"ruby", "GEM_HOME", "/usr/local/bundle"},
}

// ImageEnv is the value of a variable that an image sets; not ok if the table does
// not know it.
func ImageEnv(ref, name string) (value string, ok bool) {
	repository := ParseRef(ref).Repository
	i := slices.IndexFunc(imageEnv, func(e struct{ repository, name, value string }) bool {
		return e.repository == repository && e.name == name
	})
	if i < 0 {
		return "", false
	}
	return imageEnv[i].value, true
}

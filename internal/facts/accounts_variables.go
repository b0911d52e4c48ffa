package facts

import "slices"

// accountVariables are the variables in which images keep the name and the ID of
// their user.
//
// Sources: https://github.com/jupyter/docker-stacks/blob/main/images/docker-stacks-foundation/Dockerfile,
// https://github.com/dotnet/dotnet-docker/blob/main/documentation/scenarios/nonroot.md (no variable for
// the name), https://github.com/apache/solr-docker/blob/main/9.7/Dockerfile.
var accountVariables = []struct {
	account  string // a row of the tables has this account as the image's own
	ids      []int
	name, id string
}{
	{"jovyan", []int{1000}, "NB_USER", "NB_UID"},
	{"app", []int{1654}, "", "APP_UID"},
	{"solr", []int{8983}, "SOLR_USER", "SOLR_UID"},
}

// AccountVariables are the variables that an image sets to the name and to the
// ID of its user; "" for one that it does not have.
func AccountVariables(ref string) (name, id string) {
	for _, a := range Accounts(ref) {
		for _, v := range accountVariables {
			if v.account == a.Name && slices.Contains(v.ids, a.UID) {
				return v.name, v.id
			}
		}
	}
	return "", ""
}

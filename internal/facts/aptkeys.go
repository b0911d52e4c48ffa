package facts

import "strings"

// An AptKey is a key that signs apt repositories.
type AptKey struct {
	ID string // the last 16 digits of the fingerprint
	// Sources are the beginnings of the repositories' addresses, without scheme;
	// none for the keys of Debian and Ubuntu themselves.
	Sources []string
}

// ownSources says that a key is the distribution's, which its keyring has.
var ownSources []string

// aptKeys are keys that Dockerfiles fetch from key servers by fingerprint.
// Launchpad signs all archives of one owner with one key.
//
// Sources: the vendors' installation pages, which give the fingerprint next to the
// repository (mono-project.com, docs.docker.com, cran.r-project.org/bin/linux,
// mongodb.com/docs, wiki.postgresql.org/wiki/Apt, wiki.ros.org, elastic.co/guide,
// mesosphere.com, scala-sbt.org, nginx.org, phusionpassenger.com,
// github.com/nodesource/distributions, yarnpkg.com, percona.com, dev.mysql.com,
// google.com/linuxrepositories, cli.github.com, learn.microsoft.com/linux/packages),
// https://launchpad.net, https://ftp-master.debian.org/keys.html, the package
// ubuntu-keyring.
var aptKeys = []AptKey{
	{"A6A19B38D3D831EF", []string{"download.mono-project.com/"}},
	{"F76221572C52609D", []string{"apt.dockerproject.org/"}},
	{"8D81803C0EBFCD88", []string{"download.docker.com/"}},
	{"51716619E084DAB9", []string{"cran.r-project.org/bin/linux/ubuntu", "cran.rstudio.com/bin/linux/ubuntu", "cloud.r-project.org/bin/linux/ubuntu"}},
	{"9ECBEC467F0CEB10", []string{"downloads-distro.mongodb.org/", "repo.mongodb.org/"}},
	{"D68FA50FEA312927", []string{"repo.mongodb.org/"}},
	{"BC711F9BA15703C6", []string{"repo.mongodb.org/"}},
	{"58712A2291FA4AD5", []string{"repo.mongodb.org/"}},
	{"68818C72E52529D4", []string{"repo.mongodb.org/"}},
	{"4B7C549A058F8B6B", []string{"repo.mongodb.org/"}},
	{"656408E390CFB1F5", []string{"repo.mongodb.org/"}},
	{"7FCC7D46ACCC4CF8", []string{"apt.postgresql.org/"}},
	{"5523BAEEB01FA116", []string{"packages.ros.org/"}},
	{"F42ED6FBAB17C654", []string{"packages.ros.org/"}},
	{"67170598AF249743", []string{"packages.osrfoundation.org/"}},
	{"D27D666CD88E42B4", []string{"artifacts.elastic.co/", "packages.elastic.co/", "packages.elasticsearch.org/"}},
	{"DF7D54CBE56151BF", []string{"repos.mesosphere.io/", "repos.mesosphere.com/"}},
	{"99E82A75642AC823", []string{"dl.bintray.com/sbt/", "repo.scala-sbt.org/"}},
	{"ABF5BD827BD9BF62", []string{"nginx.org/"}},
	{"561F9B9CAC40B2F7", []string{"oss-binaries.phusionpassenger.com/"}},
	{"1655A0AB68576280", []string{"deb.nodesource.com/"}},
	{"1646B01B86E50310", []string{"dl.yarnpkg.com/"}},
	{"1C4CBDCDCD2EFD2A", []string{"repo.percona.com/"}},
	{"9334A25F8507EFA5", []string{"repo.percona.com/"}},
	{"8C718D3B5072E1F5", []string{"repo.mysql.com/"}},
	{"7721F63BD38B4796", []string{"dl.google.com/", "dl-ssl.google.com/"}},
	{"A040830F7FAC5991", []string{"dl.google.com/", "dl-ssl.google.com/"}},
	{"C99B11DEB97541F0", []string{"cli.github.com/packages"}},
	{"EB3E94ADBE1229CF", []string{"packages.microsoft.com/"}},
	{"C2518248EEA14886", []string{"ppa.launchpad.net/webupd8team/"}},
	{"4F4EA0AAE5267A6C", []string{"ppa.launchpad.net/ondrej/"}},
	{"1E9377A2BA9EF27F", []string{"ppa.launchpad.net/ubuntu-toolchain-r/"}},
	{"A1715D88E1DF1F24", []string{"ppa.launchpad.net/git-core/"}},

	{"8B48AD6246925553", ownSources}, // wheezy
	{"7638D0442B90D010", ownSources}, // jessie
	{"9D6D8F6BC857C906", ownSources},
	{"CBF8D6FD518E17E1", ownSources},
	{"E0B11894F66AEC98", ownSources}, // stretch
	{"EDA0D2388AE22BA9", ownSources},
	{"EF0F382A1A7B6500", ownSources},
	{"DC30D7C23CBBABEE", ownSources}, // buster
	{"4DFAB270CAA96DFA", ownSources},
	{"DCC9EFBF77E11517", ownSources},
	{"648ACFD622F3D138", ownSources}, // bullseye
	{"0E98404D386FA1D9", ownSources},
	{"605C66F00D6C9793", ownSources},
	{"6ED0E7B82643E131", ownSources}, // bookworm
	{"54404762BBB6E853", ownSources},
	{"F8D2585B8783D481", ownSources},
	{"40976EAF437D05B5", ownSources}, // Ubuntu
	{"3B4FE6ACC0B21F32", ownSources},
	{"871920D1991BC93C", ownSources},
}

// LookupAptKey finds a key by its fingerprint or the end of it, of at least eight
// hexadecimal digits, with or without 0x and blanks.
func LookupAptKey(id string) (AptKey, bool) {
	id = strings.ToUpper(strings.ReplaceAll(id, " ", ""))
	id = strings.TrimPrefix(id, "0X")
	if len(id) < 8 {
		return AptKey{}, false
	}
	for _, key := range aptKeys {
		if strings.HasSuffix(id, key.ID) || strings.HasSuffix(key.ID, id) {
			return key, true
		}
	}
	return AptKey{}, false
}

// Signs reports whether the key is for the repository at an address.
func (k AptKey) Signs(url string) bool {
	_, address, _ := strings.Cut(url, "://")
	address = strings.Replace(address, "ppa.launchpadcontent.net/", "ppa.launchpad.net/", 1)
	for _, source := range k.Sources {
		if strings.HasPrefix(address, source) {
			return true
		}
	}
	return false
}

package multistage

import (
	"encoding/xml"
	"path"
	"regexp"
	"slices"
	"strings"
)

// isNamedOtherwise reports whether the build file beside an archive gives it another
// name than the one that the image starts: the file is not there, and a COPY of it
// would break the build.
func (pl *plan) isNamedOtherwise(name string) bool {
	dir, stem := path.Dir(name), strings.TrimSuffix(path.Base(name), path.Ext(name))
	switch path.Base(dir) {
	case "target":
		text, err := pl.pass.Context.Read(pl.fileOf(path.Join(path.Dir(dir), "pom.xml")))
		is := pl.nameInPom(text)
		return err == nil && is != "" && !strings.HasPrefix(stem, is) && !strings.Contains(text, ">"+stem)
	case "libs":
		project := path.Dir(path.Dir(dir))
		var named []string
		known := false
		for _, file := range []string{"settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts"} {
			if text, err := pl.pass.Context.Read(pl.fileOf(path.Join(project, file))); err == nil {
				named = append(named, literalsOf(text)...)
				known = known || strings.Contains(text, "rootProject.name")
			}
		}
		return known && !slices.ContainsFunc(named, func(n string) bool {
			return n != "" && strings.HasPrefix(path.Base(name), strings.TrimSuffix(n, path.Ext(name)))
		})
	}
	return false // a command of the file puts it there
}

// A pom is what names the archive that Maven builds.
// Source: https://maven.apache.org/ref/current/maven-model/maven.html.
type pom struct {
	ArtifactID string `xml:"artifactId"`
	Version    string `xml:"version"`
	Parent     struct {
		Version string `xml:"version"`
	} `xml:"parent"`
	Properties struct {
		All []struct {
			XMLName xml.Name
			Value   string `xml:",chardata"`
		} `xml:",any"`
	} `xml:"properties"`
	FinalName string `xml:"build>finalName"`
}

// nameInPom is the name that a pom.xml gives an archive, a classifier and the ending
// left out; "" where it does not tell.
func (pl *plan) nameInPom(text string) string {
	var p pom
	if err := xml.Unmarshal([]byte(text), &p); err != nil || p.ArtifactID == "" {
		return ""
	}
	if p.Version == "" {
		p.Version = p.Parent.Version
	}
	if p.FinalName == "" {
		p.FinalName = "${project.artifactId}-${project.version}"
	}
	values := map[string]string{
		"project.artifactId": p.ArtifactID, "artifactId": p.ArtifactID, "pom.artifactId": p.ArtifactID,
		"project.version": p.Version, "version": p.Version, "pom.version": p.Version,
	}
	for _, property := range p.Properties.All {
		values[property.XMLName.Local] = property.Value
	}
	name := p.FinalName
	for range 4 { // a value may name others
		name = property.ReplaceAllStringFunc(name, func(ref string) string {
			value, known := values[ref[2:len(ref)-1]]
			if !known || strings.Contains(pl.stage.From.File().Text, "-D"+ref[2:len(ref)-1]) {
				return ref
			}
			return strings.TrimSpace(value)
		})
	}
	if strings.Contains(name, "${") {
		return ""
	}
	return name
}

var property = regexp.MustCompile(`\$\{[^}]+\}`)

package multistage

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-dev/drydock/internal/build/effects"
	"github.com/drydock-dev/drydock/internal/facts"
	"github.com/drydock-dev/drydock/internal/pkgmgr"
	"github.com/drydock-dev/drydock/internal/shell"
)

// tomcat builds an archive in an image of Tomcat's, and deploys it in a Tomcat of the
// same version, on a run time where the tag names a JDK that has one.
//
//	FROM tomcat:9-jdk17                    =>  FROM tomcat:9-jdk17 AS build
//	RUN apt-get install -y maven               RUN apt-get install -y maven
//	COPY . /src                                COPY . /src
//	RUN cd /src && mvn package &&              RUN cd /src && mvn package &&
//	    cp target/shop.war webapps/                cp target/shop.war webapps/
//
//	                                           FROM tomcat:9-jre17
//	                                           COPY --from=build …/webapps/shop.war …
//
// Not placed: what a build changes of Tomcat elsewhere than below webapps, removals
// there in one RUN with a deployment by pattern, and a JDK that the file chooses.
var tomcat = profile{
	name:         "Java",
	repository:   "tomcat",
	alpine:       true,
	anyDistro:    true,
	root:         true, // docker-library/tomcat has no USER
	builds:       tomcatBuilds,
	place:        placeInTomcat,
	tree:         tomcatProducts,
	needs:        func(*plan) string { return "" },
	buildSystems: append([]string{"default-jdk", "default-jdk-headless", "git", "openjdk-8-jdk", "openjdk-11-jdk", "openjdk-17-jdk", "openjdk-21-jdk"}, java.buildSystems...),
	buildEnv:     java.buildEnv,
}

// webapps is where Tomcat finds applications (docker-library/tomcat, CATALINA_HOME).
const (
	tomcatHome = "/usr/local/tomcat"
	webapps    = tomcatHome + "/webapps"
)

func tomcatBuilds(pl *plan, at *place, e *effects.Effect) (bool, string) {
	if e.Program == "update-alternatives" || strings.Contains(at.inst.Args.Text, "/usr/lib/jvm") {
		return false, brief(commandText(*e)) + ": which JDK runs Tomcat is chosen by the file"
	}
	return javaBuilds(pl, at, e)
}

// placeInTomcat has both stages remove what the image deploys: the copy of what is
// deployed in the build stage would bring it back, and else the image has it.
func placeInTomcat(pl *plan, at *place) (done bool, declined string) {
	removes := func(e effects.Effect) bool {
		return e.Kind == effects.Files && len(e.Writes) == 0 && len(e.Gone) > 0 && !slices.ContainsFunc(e.Gone, func(g string) bool { return !isWithin(strings.TrimSuffix(g, "/"), tomcatHome) })
	}
	if !slices.ContainsFunc(at.effects, removes) {
		return false, ""
	}
	if slices.ContainsFunc(at.effects, func(e effects.Effect) bool { return !removes(e) }) {
		return false, brief(at.inst.Args.Text) + ": it removes what Tomcat has, and does more"
	}
	at.build, at.runtime = true, true
	pl.note("replayed: %s", brief(at.inst.Text()))
	return true, ""
}

func tomcatProducts(pl *plan) (tree, string) {
	if pl.pass.Context == nil {
		return tree{}, "the build context is not known, so neither is what the program reads at run time"
	}
	if home, set := pl.stage.EnvAt(nil, "CATALINA_HOME"); set && home != tomcatHome || pl.stage.EnvSetByStage("CATALINA_BASE") || pl.stage.EnvSetByStage("JAVA_HOME") {
		return tree{}, "Tomcat is another than the image's"
	}
	if why := pl.unknownOutsideOfBuild(); why != "" {
		return tree{}, why
	}
	if !pl.startsTomcat() {
		return tree{}, "CMD and ENTRYPOINT start something else than Tomcat"
	}
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind == effects.Files && isMove(e) && isWithin(e.Writes[0], tomcatHome) && !isWithin(e.Writes[0], webapps) {
				return tree{}, brief(commandText(e)) + ": it changes Tomcat itself"
			}
		}
	}
	files, unknown := javaReads(pl)
	pl.readAll = unknown == ""
	switch {
	case pl.compiles:
		return tree{}, compilesJava
	case unknown != "":
		if why := pl.takeWhole(unknown); why != "" {
			return tree{}, why
		}
	}
	deployed := slices.DeleteFunc(pl.products(), func(m string) bool { return !isWithin(m, webapps) })
	if len(deployed) == 0 {
		return tree{}, "nothing that is built is known to be deployed below " + webapps
	}
	for _, m := range append(deployed, files...) {
		pl.bring(m, m)
	}
	pl.gained = true
	return tree{}, ""
}

// startsTomcat reports whether the image starts Tomcat, by its own CMD or by one of
// the file.
func (pl *plan) startsTomcat() bool {
	commands := pl.commandsAtStart()
	return len(commands) == 0 || slices.ContainsFunc(pl.startWords(), func(w string) bool {
		return path.Base(strings.Trim(w, `[],"`)) == "catalina.sh"
	})
}

// unknownOutsideOfBuild says that the runtime stage would install packages of a
// distribution that is not known, or "".
func (pl *plan) unknownOutsideOfBuild() string {
	forBuilds := func(w shell.Word) bool {
		name := pkgmgr.Name(w.Value)
		return facts.IsBuildOnly(name) || slices.Contains(pl.profile.buildSystems, name)
	}
	for _, at := range pl.places {
		for _, e := range at.effects {
			if e.Kind == effects.Installs && slices.ContainsFunc(e.Install.Packages(), func(w shell.Word) bool { return !forBuilds(w) }) {
				return pl.unknownDistribution()
			}
		}
	}
	return ""
}

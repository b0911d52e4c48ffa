package multistage

import (
	"github.com/drydock-dev/drydock/internal/build"
	"github.com/drydock-dev/drydock/internal/fix"
)

// Fixer makes two stages of one, or mends the second of two.
//
//	FROM python:3.11                         =>  FROM python:3.11 AS build
//	RUN apt-get install -y gcc libpq-dev         RUN apt-get install -y gcc libpq-dev
//	COPY . .                                     RUN python -m venv /opt/venv
//	RUN pip install -r requirements.txt          ENV PATH=/opt/venv/bin:$PATH
//	CMD ["python", "app.py"]                     COPY requirements.txt ./
//	                                             RUN pip install -r requirements.txt
//
//	                                             FROM python:3.11-slim
//	                                             RUN apt-get install -y libpq5
//	                                             COPY --from=build /opt/venv /opt/venv
//	                                             ENV PATH=/opt/venv/bin:$PATH
//	                                             COPY . .
//	                                             CMD ["python", "app.py"]
//
// It declines where nothing is gained, and where it cannot place an effect of the
// single stage: what it does not understand might be what the application needs.
var Fixer = fix.Fixer{
	Name:  "multistage",
	After: []string{"apt-keyring"},
	Doc:   doc,
	Run:   run,
}

func run(p *fix.Pass) {
	last := p.Build.Last()
	if last == nil {
		return
	}
	if len(p.Build.Stages) > 1 {
		for _, mend := range []func(*fix.Pass, *build.Stage){
			repair, repairInterpreter, repairModules, repairDrivers, repairLinks, repairLibraries, repairGo, repairMusl, repairCrates, repairRelease, repairJava, repairBase, repairCompiler,
		} {
			mend(p, last)
		}
		for _, s := range p.Build.Stages {
			repairUpdate(p, s)
			if s != last {
				repairTools(p, s)
			}
		}
		return
	}
	prof, declined := recognise(p, last)
	if declined != "" {
		p.Decline(last.From.Span, "%s", declined)
		return
	}
	pl := newPlan(p, last, prof)
	for _, step := range []func(*plan) string{
		(*plan).readEffects,
		(*plan).placeRuns,
		(*plan).placeCopies,
		(*plan).placeInstallers,
		(*plan).placeSettings,
		(*plan).choosePackages,
		(*plan).flows,
		(*plan).gains,
	} {
		if declined := step(pl); declined != "" {
			p.Decline(pl.at(), "%s", declined)
			return
		}
	}
	p.Apply(last.From.Span, "build in a stage of its own, run on "+pl.slim, pl.fix())
}

package deploy

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-dev/drydock/internal/yamledit"
)

func workloads(t *testing.T, text string) []Workload {
	t.Helper()
	f, err := yamledit.Parse("a.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	var all []Workload
	for _, document := range f.Documents {
		all = append(all, Workloads(document)...)
	}
	return all
}

func TestKinds(t *testing.T) {
	const containers = "{containers: [{name: c, image: app}]}"
	for _, head := range []string{
		"{apiVersion: v1, kind: Pod, spec: %}",
		"{apiVersion: v1, kind: PodTemplate, template: {spec: %}}",
		"{apiVersion: v1, kind: ReplicationController, spec: {template: {spec: %}}}",
		"{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: %}}}",
		"{apiVersion: apps/v1, kind: StatefulSet, spec: {template: {spec: %}}}",
		"{apiVersion: apps/v1, kind: DaemonSet, spec: {template: {spec: %}}}",
		"{apiVersion: apps/v1, kind: ReplicaSet, spec: {template: {spec: %}}}",
		"{apiVersion: extensions/v1beta1, kind: Deployment, spec: {template: {spec: %}}}",
		"{apiVersion: batch/v1, kind: Job, spec: {template: {spec: %}}}",
		"{apiVersion: batch/v1beta1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: %}}}}}",
		"{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {template: {spec: %}}}",
		"{apiVersion: serving.knative.dev/v1, kind: Service, spec: {template: {spec: %}}}",
		"{apiVersion: v1, kind: PodList, items: [{apiVersion: v1, kind: Pod, spec: %}]}",
	} {
		before, after, _ := cut(head)
		all := workloads(t, before+containers+after+"\n")
		if len(all) != 1 || len(all[0].Containers) != 1 || all[0].Containers[0].Image != "docker.io/library/app" {
			t.Errorf("%s: %v", head, all)
		}
	}
	for _, text := range []string{
		"{apiVersion: v1, kind: Service, spec: {template: {spec: {containers: [{image: a}]}}}}",
		"{apiVersion: example.org/v1, kind: Deployment, spec: {template: {spec: {containers: [{image: a}]}}}}",
		"{apiVersion: v1, kind: Pod, spec: []}", "- a", "a", "{kind: List, items: 1}",
		"{kind: List, items: [{kind: List, items: [{apiVersion: v1, kind: Pod, spec: {containers: []}}]}]}",
	} {
		if all := workloads(t, text); len(all) != 0 {
			t.Errorf("%s: %v", text, all)
		}
	}
}

func cut(head string) (before, after string, ok bool) {
	i := slices.Index([]byte(head), '%')
	return head[:i], head[i+1:], true
}

func TestWorkload(t *testing.T) {
	w := workloads(t, `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  volumeClaimTemplates: [{metadata: {name: data}}]
  template:
    spec:
      securityContext: {runAsUser: 1, fsGroup: null}
      initContainers: [{name: i, image: a}]
      containers:
      - &c
        name: c
        image: a
        securityContext: {runAsUser: 2}
        volumeMounts: [{name: data, mountPath: /data}]
      - <<: *c
      - name: d
        image: a
        volumeMounts: [{name: data, mountPath: /d, readOnly: true}, {name: tmp, mountPath: /tmp}, {name: claim, mountPath: /c}]
      volumes:
      - {name: tmp, emptyDir: {}}
      - {name: claim, persistentVolumeClaim: {claimName: x, readOnly: true}}
`)[0]
	var got []string
	for _, c := range w.Containers {
		line := c.Name
		if user := w.Effective(c, "runAsUser"); user != nil {
			line += " " + user.Value
		}
		if w.WritesVolume(c) {
			line += " writes"
		}
		got = append(got, line)
	}
	if diff := cmp.Diff([]string{"i 1", "c 2 writes", " 1", "d 1"}, got); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if w.Kind != "StatefulSet" || w.Name != "db" || w.Effective(w.Containers[0], "fsGroup") != nil {
		t.Errorf("%v", w)
	}
}

func TestTemplate(t *testing.T) {
	for text, want := range map[string]string{
		"a: b\nimage: ${IMAGE}\n":                            "it is a template: line 2 has ${",
		"spec:\n- command: [sh, -c, 'echo ${X}']\n":          "",
		"data:\n  x: ${Y}\nspec:\n  env:\n  - value: ${Z}\n": "",
		"a: |\n  ${X}\n":                                     "",
	} {
		f, err := yamledit.Parse("a.yaml", text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Template(f); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestServices(t *testing.T) {
	f, err := yamledit.Parse("compose.yaml", `services:
  a: {image: org/a, user: app, ports: ["8080:80"], volumes: [data:/x, ./src:/src:ro]}
  b: {ports: [{target: 8080, published: 80}, "127.0.0.1:53:53/udp"], volumes: [{type: bind, source: ./b, target: /b}]}
  c: {user: [x], ports: [8080, "${PORT}:9000"], volumes: ["./c:/c", "/x"]}
`)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Name, Image, User string
		Port              int
		Mount             string
	}
	var got []row
	for _, s := range Services(f.Documents[0]) {
		r := row{s.Name, s.Image, "", s.LowPort(), s.BindMount()}
		if s.User != nil {
			r.User = s.User.Value
		}
		got = append(got, r)
	}
	want := []row{{"a", "docker.io/org/a", "app", 80, ""}, {"b", "", "", 53, "./b"}, {"c", "", "", 0, "./c"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

func FuzzWorkloads(f *testing.F) {
	f.Add(pod)
	f.Add("a: &a [*a]\nitems: &b\n- *b\nkind: List\n")
	f.Fuzz(func(t *testing.T, text string) {
		Of(repository(map[string]string{"Dockerfile": "FROM x\n", "a.sh": "docker build -t org/app .", "a.yaml": text + "\n# containers", "values.yaml": text, "compose.yaml": text, "kustomization.yaml": text}), nil).Lost()
	})
}

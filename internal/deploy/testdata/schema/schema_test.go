package schema

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// cases are the golden cases of the fixer.
const cases = "../../../../fixers/kubernetesuser/testdata/"

// foreign is a resource that is not Kubernetes' own and holds a pod template.
type foreign struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Template corev1.PodTemplateSpec `json:"template"`
	} `json:"spec"`
}

// kinds gives an empty resource, and the pod's spec in it.
var kinds = map[string]func() (any, *corev1.PodSpec){
	"v1/Pod":         func() (any, *corev1.PodSpec) { r := &corev1.Pod{}; return r, &r.Spec },
	"v1/Service":     func() (any, *corev1.PodSpec) { return &corev1.Service{}, nil },
	"v1/ConfigMap":   func() (any, *corev1.PodSpec) { return &corev1.ConfigMap{}, nil },
	"v1/PodTemplate": func() (any, *corev1.PodSpec) { r := &corev1.PodTemplate{}; return r, &r.Template.Spec },
	"apps/v1/Deployment": func() (any, *corev1.PodSpec) {
		r := &appsv1.Deployment{}
		return r, &r.Spec.Template.Spec
	},
	"apps/v1/StatefulSet": func() (any, *corev1.PodSpec) {
		r := &appsv1.StatefulSet{}
		return r, &r.Spec.Template.Spec
	},
	"apps/v1/DaemonSet": func() (any, *corev1.PodSpec) {
		r := &appsv1.DaemonSet{}
		return r, &r.Spec.Template.Spec
	},
	"apps/v1/ReplicaSet": func() (any, *corev1.PodSpec) {
		r := &appsv1.ReplicaSet{}
		return r, &r.Spec.Template.Spec
	},
	"batch/v1/Job": func() (any, *corev1.PodSpec) { r := &batchv1.Job{}; return r, &r.Spec.Template.Spec },
	"batch/v1/CronJob": func() (any, *corev1.PodSpec) {
		r := &batchv1.CronJob{}
		return r, &r.Spec.JobTemplate.Spec.Template.Spec
	},
	"serving.knative.dev/v1/Service": func() (any, *corev1.PodSpec) { r := &foreign{}; return r, &r.Spec.Template.Spec },
	"argoproj.io/v1alpha1/Rollout":   func() (any, *corev1.PodSpec) { r := &foreign{}; return r, &r.Spec.Template.Spec },
}

// results calls visit for every manifest that the fixer leaves in a case.
func results(t *testing.T, visit func(name string, spec *corev1.PodSpec)) {
	t.Helper()
	paths, err := filepath.Glob(cases + "*.txtar")
	more, moreErr := filepath.Glob(cases + "*/*.txtar")
	if err != nil || moreErr != nil || len(paths) == 0 || len(more) == 0 {
		t.Fatal("no cases", err, moreErr)
	}
	for _, path := range append(paths, more...) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			base := filepath.Base(f.Name)
			if !strings.HasPrefix(f.Name, "want/") || base == "values.yaml" || base == "compose.yaml" {
				continue
			}
			text := strings.NewReplacer("␍", "\r", "␄\n", "").Replace(string(f.Data))
			for _, document := range strings.Split(text, "\n---\n") {
				name := filepath.Base(path) + ": " + f.Name
				var head metav1.TypeMeta
				if err := yaml.Unmarshal([]byte(document), &head); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				make := kinds[head.APIVersion+"/"+head.Kind]
				if make == nil {
					t.Errorf("%s: no type for %s/%s", name, head.APIVersion, head.Kind)
					continue
				}
				resource, spec := make()
				if err := yaml.UnmarshalStrict([]byte(document), resource); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if spec != nil {
					visit(name, spec)
				}
			}
		}
	}
}

// TestTypes: every result decodes strictly, and says a user somewhere.
func TestTypes(t *testing.T) {
	seen := 0
	results(t, func(name string, spec *corev1.PodSpec) {
		for _, c := range append(spec.InitContainers, spec.Containers...) {
			own, pods := c.SecurityContext, spec.SecurityContext
			if own != nil && own.RunAsUser != nil || pods != nil && pods.RunAsUser != nil {
				seen++
			}
		}
	})
	if seen < 10 {
		t.Errorf("only %d containers say a user", seen)
	}
}

// TestRestrictedProfile: Kubernetes' evaluator allows what restricted-profile makes.
func TestRestrictedProfile(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	results(t, func(name string, spec *corev1.PodSpec) {
		if !strings.HasPrefix(name, "restricted-profile-from-nothing") {
			return
		}
		seen++
		level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
		verdict := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &metav1.ObjectMeta{}, spec))
		if !verdict.Allowed {
			t.Errorf("%s: %s", name, verdict.ForbiddenDetail())
		}
	})
	if seen != 2 {
		t.Errorf("%d pods of the case", seen)
	}
}

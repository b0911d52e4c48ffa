// Package schema holds what kubernetes-user writes to Kubernetes' own types,
// and its restricted profile to Kubernetes' own evaluator of Pod Security
// Standards. It is a module of its own, so that drydock does without theirs.
package schema

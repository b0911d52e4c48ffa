// Package deploy reads who runs an image: the pods of Kubernetes manifests, the
// values of Helm charts, the services of compose files. It says which Dockerfile
// a container's image is built from.
//
// Invariants: an image has one Dockerfile and one stage, or none: where two
// builders give one name, neither is taken. What is read is hostile: files are
// tested for a few bytes before they are parsed, sizes and numbers are bounded,
// and aliases are followed, never expanded. Templates are not read.
package deploy

// Package facts holds what drydock knows about the world outside a repository:
// which Debian runtime packages a -dev package stands for, which accounts and
// which distribution an image has, which packages only a build needs, what a
// database driver or a wheel needs at run time.
//
// Invariants:
//
//   - Facts are data. Each table has a file of its own and names its source;
//     the generated ones (debdev.tsv.gz, debpkg.tsv.gz) are made by gen.
//   - A row stands here only if it is sure for every image that its condition
//     admits. A fact that varies in a way no condition can tell is left out,
//     and the answer is "not known", never a guess.
//   - What holds only as of a day says so: Family.Release is certain, where
//     Family.Current is what a moving tag stood on at Family.AsOf.
//   - Nothing is decoded at program start. The generated tables are
//     decompressed once, at the first question.
//   - The package reads no file, no environment and no network, imports only
//     the standard library, and is safe for concurrent use.
package facts

package strict

import "strings"

// Choices ends the sentence that a word is none of those that are known: with the
// nearest one, if one is near, and with all of them.
func Choices(word string, known []string) string {
	end := "; there are " + strings.Join(known, ", ")
	if len(known) == 1 {
		end = "; there is " + known[0]
	}
	if near := Nearest(word, known); near != "" {
		return ": did you mean " + near + "?" + strings.Replace(end, "; t", " T", 1)
	}
	return end
}

// Nearest is the known word that the fewest slips made into another; "" if each
// would have taken more than one, and one more for every three letters.
func Nearest(word string, known []string) string {
	best, fewest := "", len(word)/3+2
	for _, k := range known {
		if n := slips(word, k); n < fewest {
			best, fewest = k, n
		}
	}
	return best
}

// slips counts the letters that were left out, added, mistaken or swapped with the
// next between two words: the optimal string alignment distance.
func slips(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			mistaken := 1
			if a[i-1] == b[j-1] {
				mistaken = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+mistaken)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

package strict

import "testing"

func TestChoicesNameTheNearest(t *testing.T) {
	known := []string{"numeric-user", "only", "safe", "skip"}
	all := "numeric-user, only, safe, skip"
	for word, want := range map[string]string{
		"onyl":         ": did you mean only? There are " + all,
		"numeric":      "; there are " + all, // five letters are missing
		"numericuser":  ": did you mean numeric-user? There are " + all,
		"numeric-usr":  ": did you mean numeric-user? There are " + all,
		"safer":        ": did you mean safe? There are " + all,
		"exclude":      "; there are " + all,
		"":             "; there are " + all,
		"größe":        "; there are " + all,
		"numeric_user": ": did you mean numeric-user? There are " + all,
	} {
		if got := Choices(word, known); got != want {
			t.Errorf("Choices(%q) = %q, want %q", word, got, want)
		}
	}
	if got, want := Choices("x-y-z", []string{"style"}), "; there is style"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Choices("stile", []string{"style"}), ": did you mean style? There is style"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

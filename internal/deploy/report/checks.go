package report

// Checks are what was looked at, each with a verdict.
type Checks struct {
	Title  string  `json:"title"`
	Checks []Check `json:"checks"`
}

// Kind is "checks".
func (Checks) Kind() string { return "checks" }

// Check is one thing that was looked at.
type Check struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	// Found is what there is, Do what to do about it.
	Found string `json:"found,omitempty"`
	Do    string `json:"do,omitempty"`
}

// Verdicts of a Check. What could not be told is Doubtful: neither well nor ill.
const (
	Fine     = "ok"
	Warned   = "warning"
	Problem  = "problem"
	Doubtful = "unknown"
)

package report

// Forecast is how long a first deployment is predicted to take, and on what: the last event of a rehearsal.
type Forecast struct {
	Stack string `json:"stack"`
	// Seconds is the prediction, and LeastSeconds what the resources need if each begins as soon as those are there whose values it takes.
	Seconds      float64 `json:"seconds"`
	LeastSeconds float64 `json:"least_seconds"`
	// Ratio is Seconds to LeastSeconds.
	Ratio float64 `json:"ratio"`
	// EstimatedShare is how much of the critical path's time rests on estimates, 0 to 1; the rest was measured or is documented.
	EstimatedShare float64 `json:"estimated_share"`
	// CriticalPath are the resources that Seconds are spent on, in the order in which they are made.
	CriticalPath []Link `json:"critical_path"`
}

// Kind is "forecast".
func (Forecast) Kind() string { return "forecast" }

// Link is a resource of a critical path.
type Link struct {
	// Path are the logical IDs of the nested stacks from below the root to the resource's stack.
	Path      []string `json:"path"`
	LogicalID string   `json:"logical_id"`
	Type      string   `json:"resource_type"`
	// Begins is when its work begins, in seconds from the deployment's beginning; Seconds how long the path waits for it.
	Begins  float64 `json:"begins"`
	Seconds float64 `json:"seconds"`
}

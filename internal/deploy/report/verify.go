package report

import "time"

// Observation is what a verification found of one resource for one check.
type Observation struct {
	// Check is its ID and Title its promise; Requirements are the platform's, PCI the numbers of PCI DSS v4.0.1.
	Check        string   `json:"check"`
	Title        string   `json:"title"`
	Requirements []string `json:"requirements"`
	PCI          []string `json:"pci_dss"`
	// Resource is the ARN, or the name where there is none; Place where the templates declare it.
	Resource string `json:"resource,omitempty"`
	Place    string `json:"place,omitempty"`
	Type     string `json:"resource_type,omitempty"`
	Expected string `json:"expected,omitempty"`
	Observed string `json:"observed,omitempty"`
	// Result is one of the results below; Why is the reason of one that is unknown or not applicable, Accepted the reason for which somebody
	// accepted that it is unknown.
	Result   string    `json:"result"`
	Why      string    `json:"why,omitempty"`
	Accepted string    `json:"accepted,omitempty"`
	Time     time.Time `json:"time"`
}

// Kind is "observation".
func (Observation) Kind() string { return "observation" }

// Results of an observation.
const (
	Passed        = "pass"
	Failed        = "fail"
	Unread        = "unknown"
	NotApplicable = "not applicable"
)

// Verification sums up the observations before it. Evidence is the file that holds them, SHA256 of which shows that it is unchanged.
type Verification struct {
	Environment   string `json:"environment"`
	Checks        int    `json:"checks"`
	Pass          int    `json:"pass"`
	Fail          int    `json:"fail"`
	Unknown       int    `json:"unknown"`
	Accepted      int    `json:"accepted_unknown"`
	NotApplicable int    `json:"not_applicable"`
	Evidence      string `json:"evidence,omitempty"`
	SHA256        string `json:"sha256,omitempty"`
}

// Kind is "verification".
func (Verification) Kind() string { return "verification" }

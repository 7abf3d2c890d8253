package templates

import "time"

// Catalog lists the platform's microservices. A new entry is all a new service needs; it changes nothing of the others
// but the security groups, and those which call it get a route in their sidecar.
func Catalog() []Service {
	return []Service{
		{
			Name:        "payment-api",
			ShortName:   "payment",
			Description: "Takes payments from customers and answers for their state",
			CPU:         2048, Memory: 4096,
			Port:  9101,
			Paths: []string{"/payments", "/payments/*"}, Priority: 100, Public: true,
			Capacity: Capacity{OnDemandBase: 2},
			Tasks:    Tasks{Min: 3, Max: 12},
			// Less than the 1.5 s that payment-api waits: only Envoy's own timeout counts as the failure of a task that hangs.
			Calls:    []Call{{Service: "transaction-processor", RequestTimeout: 1400 * time.Millisecond}},
			Database: true,
			Scaling:  Scaling{Metric: RequestsPerTask, Target: 1000},
		},
		{
			Name:        "transaction-processor",
			ShortName:   "txn",
			Description: "Settles payments in the background with the card networks",
			CPU:         1024, Memory: 2048,
			Port:  9102,
			Paths: []string{"/transactions", "/transactions/*"}, Priority: 200,
			Capacity: Capacity{OnDemandBase: 1, SpotShare: 75},
			Tasks:    Tasks{Min: 2, Max: 8},
			Calls:    []Call{{Service: "notification-service", RequestTimeout: 10 * time.Second}},
			Database: true, External: true,
			Scaling: Scaling{Metric: BacklogPerTask, Target: 100},
		},
		{
			Name:        "notification-service",
			ShortName:   "notify",
			Description: "Tells customers asynchronously what became of their payments",
			CPU:         1024, Memory: 2048,
			Port:  9103,
			Paths: []string{"/notifications", "/notifications/*"}, Priority: 300,
			Capacity: Capacity{OnDemandBase: 1, SpotShare: 75},
			Tasks:    Tasks{Min: 2, Max: 8},
			External: true,
			Scaling:  Scaling{Metric: BacklogPerTask, Target: 200},
		},
	}
}

package collector

import "encoding/json"

// An Overlay is what differs from the task definition's configuration on this machine. Empty fields leave it as it is.
type Overlay struct {
	// XRay is the address that the exporter sends to instead of AWS, with its scheme.
	XRay string
	// Health, GRPC and HTTP are the addresses that the health check and the receiver listen on.
	Health, GRPC, HTTP string
}

// String is the overlay as Start takes it: a configuration that holds these values alone, or nothing.
func (o Overlay) String() string {
	all := map[string]any{}
	set := func(value string, path ...string) {
		if value == "" {
			return
		}
		at := all
		for _, key := range path {
			below, there := at[key].(map[string]any)
			if !there {
				below = map[string]any{}
				at[key] = below
			}
			at = below
		}
		at["endpoint"] = value
	}
	set(o.XRay, "exporters", "awsxray")
	set(o.Health, "extensions", "health_check")
	set(o.GRPC, "receivers", "otlp", "protocols", "grpc")
	set(o.HTTP, "receivers", "otlp", "protocols", "http")
	if len(all) == 0 {
		return ""
	}
	// Maps of strings always have a JSON form.
	text, _ := json.Marshal(all)
	return string(text)
}

// Package load measures the platform as world starts it: what Envoy costs beside a service, and what it saves when the called service
// fails. Requests leave on a schedule that does not wait for answers, and latency counts from the scheduled moment, so that a stall is
// seen as what it is to those who come meanwhile.
package load

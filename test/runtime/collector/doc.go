// Package collector starts the telemetry collector with the configuration that a task definition carries, and Sink, the AWS stand-in
// that its spans go to. The configuration is used as it is: what differs on this machine, the address of X-Ray above all, is an Overlay.
//
//	sink, err := collector.StartSink(ctx, root)                     // root holds .venv and tools
//	overlay := collector.Overlay{XRay: sink.URL}.String()
//	c, err := collector.Start(ctx, root+"/bin/collector", configuration, overlay, sink.Environment()...)
//	…                                                               // spans to the configuration's OTLP address
//	segments, err := sink.Segments(ctx, traceID)                    // what X-Ray received; none before the batch's second is over
//	err = c.Stop()                                                  // sends what it still holds
//	sink.Stop()
//
// Everything lives on the ports of the network namespace it was started in.
package collector

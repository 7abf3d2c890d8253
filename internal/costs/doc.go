// Package costs estimates what a month of a deployed set of CloudFormation templates costs.
//
// [New] goes through the resources of a [checks.World], in which parameters and conditions are decided, and multiplies
// quantities with prices. The quantities that templates decide (gateways, zones, least numbers of tasks, alarms) are fixed
// costs; those that use decides (requests, gigabytes, average load) are variable ones and come from named [Assumption]
// values. Prices and assumptions are data files with their sources and reasons; a run may replace either.
//
// Each resource ends in one of three lists: it has lines, it is free for a reason, or it has no price. A type nobody has
// looked at is of the third kind: it is never taken for free.
package costs

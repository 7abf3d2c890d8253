package checks

// networkRules are the rules about who reaches whom, and about the load balancer and what stands before it.
// The numbers of PCI DSS are those of v4.0.1, requirements 1, 4 and 6.
func networkRules() []Rule {
	return []Rule{
		{"NET001", "The internet reaches nothing but public load balancers, on ports 443 and 80", []string{"R1", "R2", "R7"}, []string{"1.3.1", "1.4.1", "1.4.2", "1.4.4"}, Critical, netCheckFromInternet},
		{"NET002", "Security groups take connections from any address for public load balancers only, on ports 443 and 80", []string{"R2"}, []string{"1.3.1", "1.4.2"}, Critical, netCheckOpenGroups},
		{"NET003", "Security group rules within the network name groups and exact ports", []string{"R2"}, []string{"1.2.5", "1.3.1", "1.3.2"}, High, netCheckExactRules},
		{"NET004", "Every security group states its egress, so that none keeps the implicit rule that allows all", []string{"R2"}, []string{"1.3.2"}, High, netCheckExplicitEgress},
		{"NET005", "What leaves the network goes to port 443, and to any address only where there are no interface endpoints", []string{"R2"}, []string{"1.3.2", "1.4.1"}, High, netCheckEgressOutside},
		{"NET006", "Every security group rule says what it is for", []string{"R2"}, []string{"1.2.5"}, Low, netCheckRuleReasons},
		{"NET007", "A database is reached by those alone that declare its use, on its port", []string{"R2", "R11"}, []string{"1.3.1", "1.4.4"}, Critical, netCheckDatabaseUsers},
		{"NET008", "Databases and interface endpoints reach nothing", []string{"R2", "R11"}, []string{"1.3.2", "1.4.4"}, High, netCheckSilentNodes},
		{"NET009", "No task and no database has a public address, and no subnet gives any", []string{"R1", "R11"}, []string{"1.4.2", "1.4.4", "1.4.5"}, Critical, netCheckPublicAddresses},
		{"NET010", "Subnets of databases have no way out of the network", []string{"R1", "R11"}, []string{"1.4.4"}, High, netCheckIsolatedSubnets},
		{"NET011", "Tasks leave the network through a NAT gateway of their own zone", []string{"R1"}, []string{"1.4.1", "1.4.5"}, High, netCheckOwnNAT},
		{"NET012", "A service reaches exactly the services that it declares to call, on their container ports", []string{"R2", "R9", "R10"}, []string{"1.2.5", "1.3.1", "1.3.2"}, High, netCheckUpstreams},
		{"NET013", "A load balancer reaches exactly the targets of its listeners, on their ports", []string{"R2", "R7"}, []string{"1.3.1", "1.4.2"}, High, netCheckTargets},
		{"NET014", "Tasks reach the AWS services that they use, on port 443 and no other", []string{"R2"}, []string{"1.2.5", "1.3.2"}, High, netCheckServiceAccess},
		{"NET015", "Endpoints have a policy and serve all zones of the tasks; interface endpoints have private DNS and a security group", []string{"R1", "R2"}, []string{"1.2.5", "1.3.2"}, Medium, netCheckEndpoints},
		{"NET016", "VPCs resolve DNS names and give host names", []string{"R9"}, nil, Medium, netCheckVPCNames},
		{"NET017", "Every VPC logs all of its traffic", []string{"R18"}, []string{"10.2.1"}, High, netCheckFlowLogs},
		{"NET018", "Public load balancers, services and databases have subnets in three zones", []string{"R1", "R11"}, nil, Medium, netCheckZones},
		{"NET019", "Encrypted listeners have a certificate and speak TLS 1.2 or later only", []string{"R7"}, []string{"4.2.1", "2.2.7"}, Critical, netCheckListenerTLS},
		{"NET020", "Listeners without encryption redirect to HTTPS and do nothing else", []string{"R2", "R7"}, []string{"4.2.1", "1.2.6"}, Critical, netCheckListenerRedirect},
		{"NET021", "What no rule of a listener takes is answered with a fixed 404", []string{"R7"}, []string{"1.4.2"}, Medium, netCheckListenerDefault},
		{"NET022", "What other services call is reachable through a public load balancer from stated addresses only", []string{"R7"}, []string{"1.3.1", "1.4.2"}, Critical, netCheckSourceAddresses},
		{"NET023", "Listener rules forward stated paths to one service each", []string{"R7"}, nil, Medium, netCheckListenerPaths},
		{"NET024", "A web ACL stands before every public application load balancer", []string{"R8"}, []string{"6.4.2"}, High, netCheckWebACLPresent},
		{"NET025", "Web ACLs block known attacks and floods, and log what they decide", []string{"R8"}, []string{"6.4.2"}, High, netCheckWebACLBlocks},
		{"NET026", "Application load balancers drop malformed requests and do not pass the web ACL by", []string{"R7", "R8"}, []string{"6.4.2"}, Medium, netCheckLoadBalancerAttributes},
		{"NET027", "Every service is registered in a private DNS namespace of its VPC", []string{"R9"}, nil, Medium, netCheckRegistration},
		{"NET028", "Calls between services pass a circuit breaker with limits, outlier detection and bounded retries", []string{"R10"}, nil, Medium, netCheckBreakers},
		{"NET029", "The proxies of tasks listen on the loopback address only", []string{"R2", "R10"}, []string{"1.2.6"}, High, netCheckLoopback},
		{"NET030", "Every rule between two security groups has its counterpart on the other side", []string{"R2"}, []string{"1.2.5"}, Low, netCheckCounterparts},
	}
}

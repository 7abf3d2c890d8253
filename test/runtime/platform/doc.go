// Package platform runs the whole payment platform on one machine: PostgreSQL, an AWS stand-in for Secrets Manager and X-Ray,
// the load balancer's rules, and tasks of every service, each with the real Envoy, collector and application on a host of its
// own, under its security group. Every setting comes from the templates. What AWS adds is added here: a role's credentials,
// the values of secrets, addresses in DNS. Interface endpoints answer under AWS's own names on port 443, so neither the
// programs nor the security groups are told of the stand-in. The certificates are of an authority of its own.
//
//	inside, code, err := platform.Sandbox(ctx, root)         // compiles the services, then runs this program again in a sandbox
//	if !inside { … os.Exit(code) }
//	p, err := platform.Start(ctx, platform.Options{Root: root, World: w})
//	status, payment, err := p.Pay(ctx, "key-1", platform.Order{Amount: 1999, Currency: "EUR", CardToken: "tok_1"})
//	err = p.Stop()
//
// Two things are simpler than on AWS: tasks get fixed credentials by variables, and the load balancer takes a task for healthy as
// soon as its health check answers once.
package platform

package templates

// NetworkResources is what the check of limits reckons the network tier to declare.
func NetworkResources(c Config) int { return c.networkResources() }

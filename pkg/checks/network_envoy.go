package checks

import (
	"cmp"
	"encoding/json"
	"fmt"

	"gopkg.in/yaml.v3"
)

// envoyConfig is what rules ask of an Envoy bootstrap configuration.
// Source: config.bootstrap.v3, config.cluster.v3 and config.route.v3 in the API reference of Envoy.
type envoyConfig struct {
	Admin struct {
		Address envoyAddress `json:"address"`
	} `json:"admin"`
	Static struct {
		Listeners []envoyListener `json:"listeners"`
		Clusters  []envoyCluster  `json:"clusters"`
	} `json:"static_resources"`
	Overload struct {
		Monitors []struct {
			Name   string `json:"name"`
			Config struct {
				Connections any `json:"max_active_downstream_connections"`
			} `json:"typed_config"`
		} `json:"resource_monitors"`
	} `json:"overload_manager"`

	task *Resource
	path string // where it stands in the task definition
}

type envoyAddress struct {
	Socket struct {
		Address string `json:"address"`
		Port    int    `json:"port_value"`
	} `json:"socket_address"`
}

type envoyListener struct {
	Name    string       `json:"name"`
	Address envoyAddress `json:"address"`
	Chains  []struct {
		Filters []struct {
			Config struct {
				Routes struct {
					Hosts []struct {
						Routes []envoyRoute `json:"routes"`
					} `json:"virtual_hosts"`
				} `json:"route_config"`
			} `json:"typed_config"`
		} `json:"filters"`
	} `json:"filter_chains"`
}

type envoyRoute struct {
	Name  string `json:"name"`
	Route struct {
		Cluster string `json:"cluster"`
		Timeout string `json:"timeout"`
		Retry   *struct {
			Retries *int `json:"num_retries"`
		} `json:"retry_policy"`
	} `json:"route"`
}

type envoyCluster struct {
	Name       string `json:"name"`
	Assignment struct {
		Endpoints []struct {
			Hosts []struct {
				Endpoint struct {
					Address envoyAddress `json:"address"`
				} `json:"endpoint"`
			} `json:"lb_endpoints"`
		} `json:"endpoints"`
	} `json:"load_assignment"`
	Breakers struct {
		Thresholds []envoyThresholds `json:"thresholds"`
	} `json:"circuit_breakers"`
	Outliers *struct {
		Consecutive *int `json:"consecutive_5xx"`
		Ejection    *int `json:"max_ejection_percent"`
	} `json:"outlier_detection"`
}

type envoyThresholds struct {
	Connections *int `json:"max_connections"`
	Pending     *int `json:"max_pending_requests"`
	Requests    *int `json:"max_requests"`
	Retries     *int `json:"max_retries"`
	Budget      any  `json:"retry_budget"`
}

// routes lists all routes of a listener.
func (l envoyListener) routes() []envoyRoute {
	var list []envoyRoute
	for _, chain := range l.Chains {
		for _, filter := range chain.Filters {
			for _, host := range filter.Config.Routes.Hosts {
				list = append(list, host.Routes...)
			}
		}
	}
	return list
}

// addresses lists the hosts and ports of a cluster.
func (c envoyCluster) addresses() []envoyAddress {
	var list []envoyAddress
	for _, endpoint := range c.Assignment.Endpoints {
		for _, host := range endpoint.Hosts {
			list = append(list, host.Endpoint.Address)
		}
	}
	return list
}

// envoys reads the configurations that the containers of a task definition give Envoy on its command line; the text says
// why one cannot be read.
func (n *Network) envoys(task *Resource) ([]envoyConfig, string) {
	known, ok := n.proxies[task]
	if !ok {
		known.list, known.maybe = readEnvoys(task)
		n.proxies[task] = known
	}
	return known.list, known.maybe
}

func readEnvoys(task *Resource) ([]envoyConfig, string) {
	var list []envoyConfig
	maybe := ""
	for i, container := range task.At("ContainerDefinitions").List() {
		if why := container.Unknown(); why != "" {
			maybe = cmp.Or(maybe, why)
		}
		for _, property := range []string{"Command", "EntryPoint"} {
			arguments := container.At(property).List()
			for j := 1; j < len(arguments); j++ {
				if arguments[j-1].String() != "--config-yaml" {
					continue
				}
				path := fmt.Sprintf("ContainerDefinitions[%d].%s[%d]", i, property, j)
				config := envoyConfig{task: task, path: path}
				if why := arguments[j].Unknown(); why != "" {
					maybe = cmp.Or(maybe, why)
				} else if err := config.read(arguments[j].String()); err != nil {
					maybe = cmp.Or(maybe, path+" is no Envoy configuration: "+err.Error())
				} else {
					list = append(list, config)
				}
			}
		}
	}
	return list, maybe
}

// read decodes a configuration: JSON as it is, and YAML by way of JSON.
func (c *envoyConfig) read(text string) error {
	data := []byte(text)
	if !json.Valid(data) {
		var document any
		if err := yaml.Unmarshal(data, &document); err != nil {
			return err
		}
		data, _ = json.Marshal(document) // what it cannot write becomes nothing, which is an error below
	}
	return json.Unmarshal(data, c)
}

package screen

import (
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
)

func arn(name string) string {
	return "arn:aws:cloudformation:us-east-1:111122223333:stack/" + name + "/5f1e"
}

// A teller makes the events of an operation as CloudFormation tells them.
type teller struct {
	events []report.Event
	began  map[string]float64
	ids    int
}

func (t *teller) tell(second float64, path []string, id, typ, status, detailed, reason string) {
	key := report.Place(path, id)
	if t.began == nil {
		t.began = map[string]float64{}
	}
	if _, known := t.began[key]; !known || detailed == "" && reason == "" && status[len(status)-8:] == "PROGRESS" {
		t.began[key] = second
	}
	physical := id
	if typ == stackType {
		physical = arn("platform-qa7-" + id)
		if id == "platform-qa7" {
			physical = arn(id)
		}
		if len(path) > 0 && id == "platform-qa7-"+path[len(path)-1] { // its own event
			physical = arn(id)
		}
	}
	t.ids++
	t.events = append(t.events, report.Resource{Path: path, LogicalID: id, PhysicalID: physical, Type: typ, Status: status, Detailed: detailed, Reason: reason, Time: at(second),
		EventID: id + "-" + count(t.ids), Seconds: second - t.began[key]})
}

func (t *teller) root(second float64, status string) {
	t.tell(second, nil, "platform-qa7", stackType, status, "", "")
}

// nested tells of a nested stack in its parent and in itself.
func (t *teller) nested(second float64, id, status, reason string) {
	t.tell(second, nil, id, stackType, status, "", reason)
	t.tell(second, []string{id}, "platform-qa7-"+id, stackType, status, "", reason)
}

func (t *teller) tick(second float64) {
	last := dawn
	for _, e := range t.events {
		if r, is := e.(report.Resource); is && r.Time.After(last) {
			last = r.Time
		}
	}
	t.events = append(t.events, report.Tick{Time: at(second), LastEvent: last})
}

// updating is the first half of an update of the payment API and the data tier.
func updating() *teller {
	t := &teller{events: []report.Event{report.Operation{Stack: "platform-qa7", ID: "op-1", Doing: "update", Started: dawn}}}
	api, data := []string{"ServicePaymentApiStack"}, []string{"DataStack"}
	t.root(0, "UPDATE_IN_PROGRESS")
	t.nested(3, "NetworkStack", "UPDATE_IN_PROGRESS", "")
	t.tell(5, []string{"NetworkStack"}, "LoadBalancerFromHTTPSIngress", "AWS::EC2::SecurityGroupIngress", "UPDATE_IN_PROGRESS", "", "Requested update requires the creation of a new physical resource; hence creating one.")
	t.tell(5, []string{"NetworkStack"}, "PaymentApiFromLoadBalancerOn8080Ingress", "AWS::EC2::SecurityGroupIngress", "CREATE_IN_PROGRESS", "", "")
	t.tell(6, []string{"NetworkStack"}, "PaymentApiFromLoadBalancerOn8080Ingress", "AWS::EC2::SecurityGroupIngress", "CREATE_IN_PROGRESS", "", "Resource creation Initiated")
	t.tell(8, []string{"NetworkStack"}, "PaymentApiFromLoadBalancerOn8080Ingress", "AWS::EC2::SecurityGroupIngress", "CREATE_COMPLETE", "", "")
	t.tell(9, []string{"NetworkStack"}, "LoadBalancerFromHTTPSIngress", "AWS::EC2::SecurityGroupIngress", "UPDATE_COMPLETE", "", "")
	t.tick(10)
	t.nested(44, "NetworkStack", "UPDATE_COMPLETE", "")
	t.nested(45, "DataStack", "UPDATE_IN_PROGRESS", "")
	t.tell(48, data, "ClusterParameterGroup", "AWS::RDS::DBClusterParameterGroup", "CREATE_IN_PROGRESS", "", "")
	t.tell(52, data, "ClusterParameterGroup", "AWS::RDS::DBClusterParameterGroup", "CREATE_COMPLETE", "", "")
	t.tell(54, data, "Cluster", "AWS::RDS::DBCluster", "UPDATE_IN_PROGRESS", "", "")
	t.tick(60)
	t.nested(70, "ServicePaymentApiStack", "UPDATE_IN_PROGRESS", "")
	t.tell(72, api, "PaymentApiTaskRole", "AWS::IAM::Role", "UPDATE_IN_PROGRESS", "", "")
	t.tell(88, api, "PaymentApiTaskRole", "AWS::IAM::Role", "UPDATE_COMPLETE", "", "")
	t.tell(89, api, "PaymentApiTaskDefinition", "AWS::ECS::TaskDefinition", "UPDATE_IN_PROGRESS", "", "")
	t.tell(92, api, "PaymentApiTaskDefinition", "AWS::ECS::TaskDefinition", "UPDATE_COMPLETE", "", "")
	t.tell(93, api, "PaymentApiService", "AWS::ECS::Service", "UPDATE_IN_PROGRESS", "", "")
	t.tell(100, api, "PaymentApiService", "AWS::ECS::Service", "UPDATE_IN_PROGRESS", configured, "Eventual consistency check initiated")
	t.tell(101, api, "PaymentApiCpuAlarm", "AWS::CloudWatch::Alarm", "UPDATE_IN_PROGRESS", "", "")
	t.tick(104)
	return t
}

func applied() []report.Event {
	t := updating()
	t.tick(160)
	t.tick(162)
	t.tell(170, []string{"ServicePaymentApiStack"}, "PaymentApiCpuAlarm", "AWS::CloudWatch::Alarm", "UPDATE_COMPLETE", "", "")
	t.tell(190, []string{"ServicePaymentApiStack"}, "PaymentApiService", "AWS::ECS::Service", "UPDATE_COMPLETE", "", "")
	t.nested(192, "ServicePaymentApiStack", "UPDATE_COMPLETE", "")
	t.tell(196, []string{"DataStack"}, "Cluster", "AWS::RDS::DBCluster", "UPDATE_COMPLETE", "", "")
	t.tick(197)
	t.nested(198, "DataStack", "UPDATE_COMPLETE", "")
	t.root(200, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
	t.tick(202)
	t.root(205, "UPDATE_COMPLETE")
	events := append([]report.Event{started("deploy apply"), templates(), update()}, findings()[0],
		report.Approval{Required: update().Needs, Granted: true, By: "typed"})
	events = append(events, t.events...)
	return append(events, report.Outputs{Stack: "platform-qa7", Values: map[string]string{"ClusterName": "services-qa7", "LoadBalancerAddress": "load-balancer-qa7-1234567890.us-east-1.elb.amazonaws.com"}},
		report.Result{Status: "done", Text: "platform-qa7 is UPDATE_COMPLETE", OperationID: "op-1", Changes: &report.Counts{Add: 1, Change: 2, Replace: 4, Delete: 3, Suppressed: 2}, Seconds: 211.4})
}

const unstable = "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered: service services-qa7/payment-api-qa7 did not stabilize, 4 tasks stopped'.\" (RequestToken: 1f8e4c2a-0000-1111-2222-333344445555, HandlerErrorCode: GeneralServiceException)"

func failed() []report.Event {
	t := updating()
	api := []string{"ServicePaymentApiStack"}
	t.tell(223, api, "PaymentApiService", "AWS::ECS::Service", "UPDATE_FAILED", "", unstable)
	t.tell(223, api, "PaymentApiCpuAlarm", "AWS::CloudWatch::Alarm", "UPDATE_FAILED", "", "Resource update cancelled")
	t.tick(224)
	t.nested(224, "ServicePaymentApiStack", "UPDATE_FAILED", "The following resource(s) failed to update: [PaymentApiService].")
	t.tell(225, []string{"DataStack"}, "Cluster", "AWS::RDS::DBCluster", "UPDATE_FAILED", "", "Resource update cancelled")
	t.root(226, "UPDATE_ROLLBACK_IN_PROGRESS")
	t.nested(227, "ServicePaymentApiStack", "UPDATE_ROLLBACK_IN_PROGRESS", "")
	t.tell(228, api, "PaymentApiService", "AWS::ECS::Service", "UPDATE_IN_PROGRESS", "", "")
	t.tick(230)
	t.tell(239, api, "PaymentApiService", "AWS::ECS::Service", "UPDATE_COMPLETE", "", "")
	t.nested(241, "ServicePaymentApiStack", "UPDATE_ROLLBACK_COMPLETE", "")
	t.tell(241, []string{"DataStack"}, "Cluster", "AWS::RDS::DBCluster", "UPDATE_IN_PROGRESS", "", "")
	t.nested(241, "NetworkStack", "UPDATE_ROLLBACK_IN_PROGRESS", "")
	t.tick(242)
	t.tell(242, []string{"NetworkStack"}, "LoadBalancerFromHTTPSIngress", "AWS::EC2::SecurityGroupIngress", "UPDATE_COMPLETE", "", "")
	t.tell(242, []string{"DataStack"}, "Cluster", "AWS::RDS::DBCluster", "UPDATE_COMPLETE", "", "")
	t.nested(243, "NetworkStack", "UPDATE_ROLLBACK_COMPLETE", "")
	t.nested(243, "DataStack", "UPDATE_ROLLBACK_COMPLETE", "")
	t.root(243, "UPDATE_ROLLBACK_COMPLETE")
	events := append([]report.Event{started("deploy apply")}, t.events...)
	return append(events, diagnosis(),
		report.Result{Status: "rolled_back", Code: fault.RolledBack, Text: "platform-qa7 is UPDATE_ROLLBACK_COMPLETE; deploy apply -e qa7", Next: []string{"deploy apply -e qa7"}, OperationID: "op-1", Seconds: 250})
}

func diagnosis() report.Diagnosis {
	return report.Diagnosis{Stack: "platform-qa7", Cancelled: 2, Console: "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/events?stackId=platform-qa7",
		Do: []string{"fix the template service-payment-api, then: deploy apply -e qa7"},
		Causes: []report.Cause{{Path: []string{"ServicePaymentApiStack"}, LogicalID: "PaymentApiService", Type: "AWS::ECS::Service", Status: "UPDATE_FAILED", Time: at(223), Reason: unstable,
			Details: []string{"task 9f2c: exit 1 \"essential container exited\"", "  api | panic: missing env PAYMENTS_DB_HOST           (last of 20 lines)"}}}}
}

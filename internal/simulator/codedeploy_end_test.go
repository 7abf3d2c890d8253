package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/tierform/tierform/internal/simulator"
)

// ended is how a deployment went, and the one that rolled it back.
func (x *shop) ended() string {
	x.Helper()
	d := x.info(x.id)
	words := []string{string(d.Status)}
	if d.ErrorInformation != nil {
		words = append(words, string(d.ErrorInformation.Code))
	}
	if d.RollbackInfo != nil {
		back := x.info(aws.ToString(d.RollbackInfo.RollbackDeploymentId))
		words = append(words, "rollback", string(back.Status))
		if back.Creator != types.DeploymentCreatorCodeDeployRollback || aws.ToString(back.RollbackInfo.RollbackTriggeringDeploymentId) != x.id || aws.ToString(back.DeploymentConfigName) != "CodeDeployDefault.ECSAllAtOnce" {
			x.Errorf("%+v", back)
		}
	}
	return strings.Join(words, " ")
}

// task sets of the service in words.
func (x *shop) taskSets() string {
	x.Helper()
	var words []string
	for _, set := range x.service().TaskSets {
		words = append(words, aws.ToString(set.Status)+" "+strings.Split(aws.ToString(set.LoadBalancers[0].TargetGroupArn), "/")[1])
	}
	return strings.Join(words, ", ")
}

// check fails the test when planting went wrong.
func (x *shop) check(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

// A course of a release: what happens after its beginning, and what it comes to.
type releaseCourse struct {
	parameters map[string]string
	plan       simulator.ReleasePlan
	order      func(*codedeploy.CreateDeploymentInput)
	before     func(*shop)
	// at is when during happens; until when the outcome counts.
	at, until     time.Duration
	during        func(*shop)
	ends          string
	weights, sets string
	lifecycle     string
}

const (
	blueServes  = "tg-blue=100 tg-green=0"
	greenServes = "tg-blue=0 tg-green=100"
)

// TestReleasesThatEndOtherwise: whatever goes wrong, the traffic, the task sets and the deployments say the same.
func TestReleasesThatEndOtherwise(t *testing.T) {
	alarm := func(x *shop) { x.check(x.sim.SetAlarm("errors", "ALARM")) }
	for name, tt := range map[string]releaseCourse{
		"alarm before the release": {before: alarm, until: time.Minute, ends: "Stopped ALARM_ACTIVE rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue",
			lifecycle: "BeforeInstall=Failed Install=Skipped AfterInstall=Skipped BeforeAllowTraffic=Skipped AllowTraffic=Skipped AfterAllowTraffic=Skipped"},
		"alarm while it installs": {at: time.Minute, during: alarm, until: 2 * time.Minute, ends: "Stopped ALARM_ACTIVE rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue, DRAINING tg-green",
			lifecycle: "BeforeInstall=Succeeded Install=Failed AfterInstall=Skipped BeforeAllowTraffic=Skipped AllowTraffic=Skipped AfterAllowTraffic=Skipped"},
		"alarm during the shift": {at: 5 * time.Minute, during: alarm, until: 10 * time.Minute, ends: "Stopped ALARM_ACTIVE rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue",
			lifecycle: "BeforeInstall=Succeeded Install=Succeeded AfterInstall=Succeeded BeforeAllowTraffic=Succeeded AllowTraffic=Failed AfterAllowTraffic=Skipped"},
		"alarm in the termination wait": {at: 15 * time.Minute, during: alarm, until: 20 * time.Minute, ends: "Stopped ALARM_ACTIVE rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue",
			lifecycle: "BeforeInstall=Succeeded Install=Succeeded AfterInstall=Succeeded BeforeAllowTraffic=Succeeded AllowTraffic=Succeeded AfterAllowTraffic=Succeeded"},
		"alarm after all":                {at: 21 * time.Minute, during: alarm, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"alarm that is over before seen": {at: 5 * time.Minute, during: func(x *shop) { alarm(x); x.check(x.sim.SetAlarmAfter("errors", "OK", 5*time.Second)) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"alarms not watched":             {parameters: map[string]string{"Watch": "false"}, before: alarm, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"alarms overridden": {before: alarm, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green",
			order: func(in *codedeploy.CreateDeploymentInput) {
				in.OverrideAlarmConfiguration = &types.AlarmConfiguration{}
			}},
		"alarm without rollback": {parameters: map[string]string{"Rollback": "false"}, at: 5 * time.Minute, during: alarm, until: 10 * time.Minute, ends: "Stopped ALARM_ACTIVE", weights: "tg-blue=60 tg-green=40", sets: "PRIMARY tg-blue, ACTIVE tg-green"},
		"rollback by the order": {parameters: map[string]string{"Rollback": "false"}, at: 5 * time.Minute, during: alarm, until: 10 * time.Minute, ends: "Stopped ALARM_ACTIVE rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue",
			order: func(in *codedeploy.CreateDeploymentInput) {
				in.AutoRollbackConfiguration = &types.AutoRollbackConfiguration{Enabled: true, Events: []types.AutoRollbackEvent{types.AutoRollbackEventDeploymentStopOnAlarm}}
			}},
		"alarm that is not there":           {parameters: map[string]string{"Watched": "nobody"}, until: time.Minute, ends: "Stopped ALARM_ACTIVE rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue"},
		"alarm that need not be there":      {parameters: map[string]string{"Watched": "nobody", "Ignore": "true"}, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"never healthy":                     {plan: simulator.ReleasePlan{Unhealthy: true}, until: 61 * time.Minute, ends: "Failed TIMEOUT rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue, DRAINING tg-green"},
		"late, but healthy":                 {plan: simulator.ReleasePlan{Install: 59 * time.Minute}, until: 90 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"stuck":                             {plan: simulator.ReleasePlan{Stuck: true}, until: 5 * time.Hour, ends: "Created", weights: blueServes, sets: "PRIMARY tg-blue"},
		"rollback that fails":               {plan: simulator.ReleasePlan{RollbackFails: "no"}, at: 5 * time.Minute, during: alarm, until: 10 * time.Minute, ends: "Stopped ALARM_ACTIVE rollback Failed", weights: "tg-blue=60 tg-green=40", sets: "PRIMARY tg-blue, ACTIVE tg-green"},
		"slow termination":                  {plan: simulator.ReleasePlan{Termination: time.Hour}, until: 50 * time.Minute, ends: "InProgress", weights: greenServes, sets: "DRAINING tg-blue, PRIMARY tg-green"},
		"listener on the other colour":      {before: func(x *shop) { x.check(x.sim.SetWeights("Rule", 0, 100)) }, until: time.Minute, ends: "Failed ELASTIC_LOAD_BALANCING_INVALID rollback Succeeded", weights: greenServes, sets: "PRIMARY tg-blue"},
		"weights of a third kind":           {before: func(x *shop) { x.check(x.sim.SetWeights("Rule", 30, 70)) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"weights changed during the shift":  {at: 5 * time.Minute, during: func(x *shop) { x.check(x.sim.SetWeights("Rule", 0, 0)) }, until: 6 * time.Minute, ends: "InProgress", weights: "tg-blue=50 tg-green=50", sets: "PRIMARY tg-blue, ACTIVE tg-green"},
		"no task sets":                      {before: func(x *shop) { x.check(x.sim.DropTaskSets("svc")) }, until: time.Minute, ends: "Failed INVALID_ECS_SERVICE", weights: blueServes},
		"task sets lost":                    {at: 5 * time.Minute, during: func(x *shop) { x.check(x.sim.DropTaskSets("svc")) }, until: 10 * time.Minute, ends: "Failed ECS_UPDATE_ERROR rollback Failed", weights: "tg-blue=60 tg-green=40"},
		"scale-out during the shift":        {at: 3 * time.Minute, during: func(x *shop) { x.check(x.sim.ScaleOut("svc", 1, 0)) }, until: 9 * time.Minute, ends: "Failed TIMEOUT rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue, DRAINING tg-green"},
		"scale-out while it installs":       {at: time.Minute, during: func(x *shop) { x.check(x.sim.ScaleOut("svc", 1, 0)) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"scale-out in the termination wait": {at: 12 * time.Minute, during: func(x *shop) { x.check(x.sim.ScaleOut("svc", 1, 0)) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"more tasks by hand":                {at: 3 * time.Minute, during: func(x *shop) { x.resize(4) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"fewer tasks by hand":               {at: 3 * time.Minute, during: func(x *shop) { x.resize(1) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"scale-out with scaling suspended":  {at: 3 * time.Minute, during: func(x *shop) { x.suspend(); x.check(x.sim.ScaleOut("svc", 1, time.Minute)) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"stopped with rollback":             {at: 5 * time.Minute, during: func(x *shop) { x.stop("Pending", aws.Bool(true)) }, until: 10 * time.Minute, ends: "Stopped MANUAL_STOP rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue"},
		"stopped as configured":             {at: 15 * time.Minute, during: func(x *shop) { x.stop("Pending", nil) }, until: 20 * time.Minute, ends: "Stopped MANUAL_STOP rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue"},
		"stopped without rollback":          {at: 5 * time.Minute, during: func(x *shop) { x.stop("Pending", aws.Bool(false)) }, until: 30 * time.Minute, ends: "Stopped MANUAL_STOP", weights: "tg-blue=60 tg-green=40", sets: "PRIMARY tg-blue, ACTIVE tg-green"},
		"stopped twice":                     {at: 5 * time.Minute, during: func(x *shop) { x.stop("Pending", nil); x.stop("Pending", nil) }, until: 30 * time.Minute, ends: "Stopped MANUAL_STOP rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue"},
		"stopped before it begins":          {plan: simulator.ReleasePlan{Stuck: true}, at: time.Minute, during: func(x *shop) { x.stop("Succeeded", aws.Bool(true)) }, until: 2 * time.Minute, ends: "Stopped MANUAL_STOP", weights: blueServes, sets: "PRIMARY tg-blue"},
		"stopped while the original ends":   {plan: simulator.ReleasePlan{Termination: time.Hour}, at: 50 * time.Minute, during: func(x *shop) { x.stop("Pending", aws.Bool(true)) }, until: 2 * time.Hour, ends: "Stopped MANUAL_STOP", weights: greenServes, sets: "PRIMARY tg-green"},
		"original kept":                     {parameters: map[string]string{"Blue": "KEEP_ALIVE"}, until: 12 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "ACTIVE tg-blue, PRIMARY tg-green"},
		"termination wait skipped":          {at: 12 * time.Minute, during: func(x *shop) { x.check(x.proceed(types.DeploymentWaitTypeTerminationWait)) }, until: 13 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "DRAINING tg-blue, PRIMARY tg-green"},
		"nobody says that it may go on":     {parameters: map[string]string{"Ready": "STOP_DEPLOYMENT"}, until: 8 * time.Minute, ends: "Stopped TIMEOUT rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue, DRAINING tg-green"},
		"somebody says that it may go on":   {parameters: map[string]string{"Ready": "STOP_DEPLOYMENT"}, at: 5 * time.Minute, during: func(x *shop) { x.check(x.proceed("")) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"alarm while it waits to go on":     {parameters: map[string]string{"Ready": "STOP_DEPLOYMENT"}, at: 4 * time.Minute, during: alarm, until: 10 * time.Minute, ends: "Stopped ALARM_ACTIVE rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue"},
		"canary":                            {parameters: map[string]string{"Config": "CodeDeployDefault.ECSCanary10Percent5Minutes"}, until: 5 * time.Minute, ends: "InProgress", weights: "tg-blue=90 tg-green=10", sets: "PRIMARY tg-blue, ACTIVE tg-green"},
		"canary, second step":               {parameters: map[string]string{"Config": "CodeDeployDefault.ECSCanary10Percent5Minutes"}, until: 7 * time.Minute, ends: "InProgress", weights: greenServes, sets: "ACTIVE tg-blue, PRIMARY tg-green"},
		"configuration of the stack":        {parameters: map[string]string{"Config": "slow"}, until: 4 * time.Minute, ends: "InProgress", weights: "tg-blue=20 tg-green=80", sets: "PRIMARY tg-blue, ACTIVE tg-green"},
		"configuration of the order": {order: func(in *codedeploy.CreateDeploymentInput) {
			in.DeploymentConfigName = aws.String("CodeDeployDefault.ECSAllAtOnce")
		}, until: 2 * time.Minute, ends: "InProgress", weights: greenServes, sets: "ACTIVE tg-blue, PRIMARY tg-green"},
		"no configuration":                   {parameters: map[string]string{"Config": ""}, until: 2 * time.Minute, ends: "InProgress", weights: greenServes, sets: "ACTIVE tg-blue, PRIMARY tg-green"},
		"test traffic":                       {parameters: map[string]string{"Test": "yes"}, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green", lifecycle: "BeforeInstall=Succeeded Install=Succeeded AfterInstall=Succeeded AllowTestTraffic=Succeeded AfterAllowTestTraffic=Succeeded BeforeAllowTraffic=Succeeded AllowTraffic=Succeeded AfterAllowTraffic=Succeeded"},
		"test listener of others":            {parameters: map[string]string{"Test": "yes", "Tried": "foreign"}, until: time.Minute, ends: "Failed ELASTIC_LOAD_BALANCING_INVALID rollback Succeeded", weights: blueServes, sets: "PRIMARY tg-blue"},
		"original not steady yet":            {before: func(x *shop) { x.resize(4) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"plan healed":                        {plan: simulator.ReleasePlan{Stuck: true}, before: func(x *shop) { x.sim.Heal() }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
		"an earlier release left a task set": {before: func(x *shop) { x.check(x.sim.BeginRelease("svc", 10)) }, until: 30 * time.Minute, ends: "Succeeded", weights: greenServes, sets: "PRIMARY tg-green"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := openShop(t, tt.parameters)
			x.sim.PlanRelease("svc", tt.plan)
			if tt.before != nil {
				tt.before(x)
			}
			x.begin(tt.order, tt.at)
			if tt.during != nil {
				tt.during(x)
			}
			x.wait(tt.until - tt.at)
			x.same("ends", tt.ends, x.ended())
			x.same("weights", tt.weights, x.weights("Rule"))
			x.same("task sets", tt.sets, x.taskSets())
			if tt.lifecycle != "" {
				x.same("lifecycle", tt.lifecycle, x.lifecycle(x.id))
			}
		})
	}
}

func (x *shop) stop(status string, back *bool) {
	x.Helper()
	out, err := x.deploys.StopDeployment(x.Context(), &codedeploy.StopDeploymentInput{DeploymentId: &x.id, AutoRollbackEnabled: back})
	if err != nil || string(out.Status) != status {
		x.Errorf("%+v %v", out, err)
	}
}

func (x *shop) proceed(wait types.DeploymentWaitType) error {
	_, err := x.deploys.ContinueDeployment(x.Context(), &codedeploy.ContinueDeploymentInput{DeploymentId: &x.id, DeploymentWaitType: wait})
	return err
}

func (x *shop) resize(n int32) {
	x.Helper()
	_, err := x.containers.UpdateService(x.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("cluster"), Service: aws.String("svc"), DesiredCount: &n})
	x.check(err)
}

func (x *shop) suspend() {
	x.Helper()
	_, err := applicationautoscaling.NewFromConfig(x.config).RegisterScalableTarget(x.Context(), &applicationautoscaling.RegisterScalableTargetInput{ServiceNamespace: "ecs", ResourceId: aws.String("service/cluster/svc"),
		ScalableDimension: scaling.ScalableDimensionECSServiceDesiredCount, SuspendedState: &scaling.SuspendedState{DynamicScalingInSuspended: aws.Bool(true), DynamicScalingOutSuspended: aws.Bool(true)}})
	x.check(err)
}

// TestRollbackWords: an alarm's release says which alarm, and points to what rolls it back; that runs by itself and cannot be rolled back.
func TestRollbackWords(t *testing.T) {
	x := openShop(t, map[string]string{"Test": "yes"})
	x.begin(nil, 5*time.Minute)
	x.same("test traffic", "tg-blue=0 tg-green=100", x.weights("Trying"))
	x.check(x.sim.SetAlarmAfter("errors", "ALARM", time.Minute))
	x.wait(77 * time.Second)
	d := x.info(x.id)
	if !strings.Contains(aws.ToString(d.ErrorInformation.Message), "Activated alarms: <errors>") || !strings.Contains(aws.ToString(d.RollbackInfo.RollbackMessage), "Automatic rollback is triggered") || d.DeploymentOverview.Failed != 1 {
		t.Errorf("%+v", d)
	}
	x.id = aws.ToString(d.RollbackInfo.RollbackDeploymentId)
	if back := x.info(x.id); back.Status != types.DeploymentStatusCreated {
		t.Errorf("%+v", back)
	}
	x.wait(5 * time.Second)
	x.same("weights", blueServes, x.weights("Rule"))
	x.same("test traffic", "tg-blue=100 tg-green=0", x.weights("Trying"))
	x.same("sets", "Blue PRIMARY tg-blue 2/2 100%, Green DRAINING tg-green 0/0 0%", x.sets(x.id))
	x.same("health", "draining draining", x.health("GreenTargets"))
	x.stop("Pending", aws.Bool(true))
	x.wait(10 * time.Second)
	if back := x.info(x.id); back.Status != types.DeploymentStatusStopped {
		t.Errorf("%+v", back)
	}
	if _, err := x.deploys.StopDeployment(t.Context(), &codedeploy.StopDeploymentInput{DeploymentId: &x.id}); code(err) != "DeploymentAlreadyCompletedException" {
		t.Error(err)
	}
	if err := x.proceed(""); code(err) != "DeploymentAlreadyCompletedException" {
		t.Error(err)
	}
}

// TestWaitsThatAreNone: only what waits can be continued.
func TestWaitsThatAreNone(t *testing.T) {
	x := openShop(t, nil)
	x.begin(nil, time.Minute)
	for wait, want := range map[types.DeploymentWaitType]string{"": "DeploymentIsNotInReadyStateException", "READY_WAIT": "DeploymentIsNotInReadyStateException", "TERMINATION_WAIT": "DeploymentIsNotInReadyStateException", "LUNCH": "InvalidDeploymentWaitTypeException"} {
		if err := x.proceed(wait); code(err) != want {
			t.Errorf("%s: %v", wait, err)
		}
	}
}

//! Workflows with steps of the app. Slack retired such steps: new apps have functions (`function_executed`).

use alloc::string::String;
use alloc::vec::Vec;

use super::events;
use crate::payload::Json;
use crate::payload::object::object;

events! { ($) workflows
    /// A workflow with a step of the app was deleted. <https://docs.slack.dev/reference/events/workflow_deleted>
    WorkflowDeleted is "workflow_deleted" {
        /// The workflow.
        show workflow_id: Option<String>,
        /// What it was, as a draft.
        show workflow_draft_configuration: Option<WorkflowConfiguration>,
    }

    /// A workflow with a step of the app was published. <https://docs.slack.dev/reference/events/workflow_published>
    WorkflowPublished is "workflow_published" {
        /// The workflow.
        show workflow_id: Option<String>,
        /// What it is now.
        show workflow_published_configuration: Option<WorkflowConfiguration>,
    }

    /// A workflow with a step of the app is no longer published.
    /// <https://docs.slack.dev/reference/events/workflow_unpublished>
    WorkflowUnpublished is "workflow_unpublished" {
        /// The workflow.
        show workflow_id: Option<String>,
        /// What it is, as a draft.
        show workflow_draft_configuration: Option<WorkflowConfiguration>,
    }

    /// A step of the app was removed from a workflow. <https://docs.slack.dev/reference/events/workflow_step_deleted>
    WorkflowStepDeleted is "workflow_step_deleted" {
        /// The workflow.
        show workflow_id: Option<String>,
        /// What it is, as a draft.
        show workflow_draft_configuration: Option<WorkflowConfiguration>,
        /// What it is for its users.
        show workflow_published_configuration: Option<WorkflowConfiguration>,
    }

    /// A step of the app has to be performed. <https://docs.slack.dev/reference/events/workflow_step_execute>
    WorkflowStepExecute is "workflow_step_execute" {
        /// The app's own id of the step's kind.
        show callback_id: Option<String>,
        /// The step.
        show workflow_step: Option<WorkflowStep>,
    }
}

object! {
    /// The steps of the app in a version of a workflow.
    pub struct WorkflowConfiguration {
        /// The version.
        show version_id: Option<String>,
        /// The app's steps.
        show app_steps: Vec<AppStep>,
    }
}

object! {
    /// A step of the app in a workflow.
    pub struct AppStep {
        /// The app.
        show app_id: Option<String>,
        /// The step.
        show workflow_step_id: Option<String>,
        /// The app's own id of the step's kind.
        show callback_id: Option<String>,
    }
}

object! {
    /// A step to perform.
    pub struct WorkflowStep {
        /// For `workflows.stepCompleted` and `workflows.stepFailed`.
        show workflow_step_execute_id: Option<String>,
        /// The workflow.
        show workflow_id: Option<String>,
        /// Its run.
        show workflow_instance_id: Option<String>,
        /// The step.
        show step_id: Option<String>,
        /// The inputs: an object of objects with a `value`.
        show inputs: Option<Json>,
        /// What has to come out: an object each.
        hide outputs: Vec<Json>,
    }
}

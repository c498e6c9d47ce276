//! `tenantry task`

use clap::{Args, Subcommand};

use super::{Json, Paging, Repeat, assignment};

/// `tenantry task`
#[derive(Debug, Subcommand)]
pub enum TaskCommand {
    /// List what people are asked
    List(TaskList),
    /// Show one question, its facts and its form
    Show {
        /// Its id (`tsk_...`)
        id: String,
    },
    /// Say that you are at it; others may answer all the same
    Claim {
        /// Its id (`tsk_...`)
        id: String,
        /// Take it over from whoever has claimed it
        #[arg(long)]
        force: bool,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Say that you are not at it any more
    Release {
        /// Its id (`tsk_...`)
        id: String,
        /// The key to repeat it with.
        #[command(flatten)]
        repeat: Repeat,
    },
    /// Answer a question; on a terminal and without options, asks field by field
    Answer(TaskAnswer),
}

/// `tenantry task list`
#[derive(Debug, Args)]
pub struct TaskList {
    /// Only with this status: open, answered, withdrawn, any [default: open]
    #[arg(long)]
    pub status: Option<String>,
    /// Only of this tenant (`ten_...`)
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// Only of this run (`run_...`)
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Only those that this person has claimed; `me` for your own
    #[arg(long, value_name = "WHO")]
    pub claimed_by: Option<String>,
    /// Only those whose deadline has passed without an answer
    #[arg(long)]
    pub overdue: bool,
    /// Which part.
    #[command(flatten)]
    pub paging: Paging,
}

/// `tenantry task answer`
#[derive(Debug, Args)]
pub struct TaskAnswer {
    /// Its id (`tsk_...`)
    pub id: String,
    /// The field `action`, such as: resend
    #[arg(long)]
    pub action: Option<String>,
    /// Another field, such as: email=ada@example.com
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
    /// The whole answer
    #[arg(long, value_name = "JSON", conflicts_with_all = ["action", "set"])]
    pub json_answer: Option<Json>,
    /// The key to repeat it with.
    #[command(flatten)]
    pub repeat: Repeat,
}

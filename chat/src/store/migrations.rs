//! The steps from an empty database to today's. Each runs once, and the database keeps its checksum, so
//! one that was released is never changed.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// All steps in their order. The macro of sqlx would read them from their folder, but brings everything along that
/// checks statements while they are compiled: a second SQLite, and minutes for compiling it.
pub(super) fn migrations() -> Migrator {
    let steps = [
        (
            1,
            "conversations answers ledger",
            include_str!("../../migrations/0001_conversations_answers_ledger.sql"),
        ),
        (
            2,
            "organising and search",
            include_str!("../../migrations/0002_organising_and_search.sql"),
        ),
        (3, "files", include_str!("../../migrations/0003_files.sql")),
        (
            4,
            "personas prompts settings",
            include_str!("../../migrations/0004_personas_prompts_settings.sql"),
        ),
        (5, "people tokens costs", include_str!("../../migrations/0005_people_tokens_costs.sql")),
        (6, "costs and sums", include_str!("../../migrations/0006_costs_and_sums.sql")),
        (
            8,
            "background and choices",
            include_str!("../../migrations/0008_background_and_choices.sql"),
        ),
        (9, "seams", include_str!("../../migrations/0009_seams.sql")),
        (10, "journal in order", include_str!("../../migrations/0010_journal_in_order.sql")),
        (11, "lists", include_str!("../../migrations/0011_lists.sql")),
        (12, "journal alone", include_str!("../../migrations/0012_journal_alone.sql")),
    ];
    Migrator::with_migrations(
        steps
            .map(|(version, description, sql)| {
                let sql = sql.into_sql_str();
                Migration::new(version, description.into(), MigrationType::Simple, sql, false)
            })
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[tokio::test]
    async fn every_file_of_the_folder_is_a_step() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
        let read = Migrator::new(folder).await.unwrap();
        let known = |migrator: &Migrator| {
            let steps = migrator.iter().map(|step| {
                (step.version, step.description.clone(), step.checksum.clone(), step.no_tx)
            });
            steps.collect::<Vec<_>>()
        };
        assert_eq!(known(&migrations()), known(&read));
    }
}

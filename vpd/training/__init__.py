"""Training rows to a model: `finetuning.finetune` with the settings of `settings`; nothing heavy is imported here."""

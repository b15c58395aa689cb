-- Which artifacts of a project were deleted lately: what is listed, and looked up, to bring them back.
create index ledger_deleted on ledger (project_id, at) where action = 'artifact.delete';

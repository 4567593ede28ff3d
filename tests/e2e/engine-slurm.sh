# what every engine keeps, for slurm
exec bash "${0%/*}/engine.sh" slurm

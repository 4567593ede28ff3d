# what every engine keeps, for sim
exec bash "${0%/*}/engine.sh" sim

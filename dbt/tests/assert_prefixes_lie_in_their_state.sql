-- Give or take 0.2 degrees; stand-ins lie there because they are made from other prefixes of the state.
with prefixes as (

    select * from {{ ref('dim_geolocation') }}

),

states as (

    select * from {{ ref('brazilian_states') }}

)

select prefixes.*
from prefixes
inner join states
    on prefixes.state = states.state
where not (
    prefixes.latitude between states.latitude_min - 0.2 and states.latitude_max + 0.2
    and prefixes.longitude between states.longitude_min - 0.2 and states.longitude_max + 0.2
)

-- table, shop_staging.int_geolocation_by_zip_prefix
with observations as (

    select * from `a-project`.`shop_staging`.`stg_geolocation`

),

states as (

    select * from `a-project`.`shop_staging`.`brazilian_states`

),

-- City: the name that most observations of the prefix give it, however they spell it.

spellings as (

    select
        zip_code_prefix,
        state,
        city,
        trim(regexp_replace(regexp_replace(regexp_replace(normalize(lower(city), nfd), r'\pM', ''), r'[/,(\\].*', ''), r'[^a-z0-9]+', ' ')) as city_key,
        count(*) as observations,
        max(load_timestamp) as load_timestamp
    from observations
    group by zip_code_prefix, state, city

),

prefix_cities as (

    select
        zip_code_prefix,
        state,
        city_key
    from spellings
    group by zip_code_prefix, state, city_key
    qualify row_number() over (
        partition by zip_code_prefix
        order by sum(observations) desc, state, city_key
    ) = 1

),

-- One spelling for the whole city, so that all its prefixes carry the same name.

city_names as (

    select
        state,
        city_key,
        city
    from spellings
    group by state, city_key, city
    qualify row_number() over (
        partition by state, city_key
        order by sum(observations) desc, city
    ) = 1

),

-- Coordinates: the median of those inside the prefix's state, give or take 0.2 degrees. Some lie at the other end
-- of Brazil or beyond, and where a prefix has two or three observations, one of these would move its median.

located as (

    select
        observations.zip_code_prefix,
        observations.latitude,
        observations.longitude
    from observations
    inner join prefix_cities
        on observations.zip_code_prefix = prefix_cities.zip_code_prefix
    inner join states
        on prefix_cities.state = states.state
        and observations.latitude between states.latitude_min - 0.2 and states.latitude_max + 0.2
        and observations.longitude between states.longitude_min - 0.2 and states.longitude_max + 0.2

),

centres as (

    select distinct
        zip_code_prefix,
        percentile_cont(latitude, 0.5) over (partition by zip_code_prefix) as latitude,
        percentile_cont(longitude, 0.5) over (partition by zip_code_prefix) as longitude
    from located

),

prefixes as (

    select
        zip_code_prefix,
        sum(observations) as observations,
        max(load_timestamp) as load_timestamp
    from spellings
    group by zip_code_prefix

),

final as (

    select
        -- place
        prefixes.zip_code_prefix,
        city_names.city,
        prefix_cities.state,

        -- coordinates, to 0.1 metres
        round(centres.latitude, 6) as latitude,
        round(centres.longitude, 6) as longitude,

        -- load
        cast(prefixes.observations as int64) as observations,
        prefixes.load_timestamp
    from prefixes
    inner join prefix_cities
        on prefixes.zip_code_prefix = prefix_cities.zip_code_prefix
    inner join city_names
        on prefix_cities.state = city_names.state
        and prefix_cities.city_key = city_names.city_key
    left join centres
        on prefixes.zip_code_prefix = centres.zip_code_prefix

)

select * from final

-- table, shop_marts.dim_geolocation
with known_prefixes as (

    select * from `a-project`.`shop_snapshots`.`snapshot_geolocation`
    where dbt_valid_to is null

),

states as (

    select * from `a-project`.`shop_staging`.`brazilian_states`

),

-- Prefixes that customers or sellers use and geolocation does not list.

addresses as (

    select zip_code_prefix, city, state, load_timestamp from `a-project`.`shop_marts`.`dim_customer`
    union all
    select zip_code_prefix, city, state, load_timestamp from `a-project`.`shop_marts`.`dim_seller`

),

unlisted_prefixes as (

    select
        addresses.zip_code_prefix,
        addresses.city,
        addresses.state,
        max(addresses.load_timestamp) as load_timestamp
    from addresses
    left join known_prefixes
        on addresses.zip_code_prefix = known_prefixes.zip_code_prefix
    where known_prefixes.zip_code_prefix is null
    group by addresses.zip_code_prefix, addresses.city, addresses.state
    qualify row_number() over (
        partition by addresses.zip_code_prefix
        order by count(*) desc, addresses.state, addresses.city
    ) = 1

),

prefixes as (

    select
        zip_code_prefix,
        city,
        state,
        trim(regexp_replace(regexp_replace(regexp_replace(normalize(lower(city), nfd), r'\pM', ''), r'[/,(\\].*', ''), r'[^a-z0-9]+', ' ')) as city_key,
        latitude,
        longitude,
        load_timestamp
    from known_prefixes

    union all

    select
        zip_code_prefix,
        city,
        state,
        trim(regexp_replace(regexp_replace(regexp_replace(normalize(lower(city), nfd), r'\pM', ''), r'[/,(\\].*', ''), r'[^a-z0-9]+', ' ')) as city_key,
        cast(null as float64) as latitude,
        cast(null as float64) as longitude,
        load_timestamp
    from unlisted_prefixes

),

-- Stand-ins for a prefix without coordinates: the middle of its city's prefixes, else of its state's,
-- else the state's capital.

city_centres as (

    select distinct
        state,
        city_key,
        percentile_cont(latitude, 0.5) over (partition by state, city_key) as latitude,
        percentile_cont(longitude, 0.5) over (partition by state, city_key) as longitude
    from prefixes
    where latitude is not null

),

state_centres as (

    select distinct
        state,
        percentile_cont(latitude, 0.5) over (partition by state) as latitude,
        percentile_cont(longitude, 0.5) over (partition by state) as longitude
    from prefixes
    where latitude is not null

),

located as (

    select
        prefixes.zip_code_prefix,
        round(
            coalesce(prefixes.latitude, city_centres.latitude, state_centres.latitude, states.capital_latitude), 6
        ) as latitude,
        round(
            coalesce(prefixes.longitude, city_centres.longitude, state_centres.longitude, states.capital_longitude), 6
        ) as longitude,
        prefixes.city,
        prefixes.state,
        states.state_name,
        states.region,
        prefixes.latitude is null as is_imputed,
        prefixes.load_timestamp
    from prefixes
    left join city_centres
        on prefixes.state = city_centres.state
        and prefixes.city_key = city_centres.city_key
    left join state_centres
        on prefixes.state = state_centres.state
    left join states
        on prefixes.state = states.state

),

final as (

    select
        -- place
        zip_code_prefix,
        latitude,
        longitude,
        city,
        state,
        state_name,
        region,
        zip_code_prefix || '|' || city || '|' || state as geo_key,

        -- coordinates
        is_imputed,
        st_geogpoint(longitude, latitude) as geo_point,

        -- load
        load_timestamp
    from located

)

select * from final

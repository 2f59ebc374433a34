-- A few prefixes were only ever observed outside Brazil; were it many, coordinates or their limits would be mixed up.
with counts as (

    select
        count(*) as prefixes,
        count(latitude) as located
    from {{ ref('int_geolocation_by_zip_prefix') }}

)

select * from counts
where located < 0.99 * prefixes

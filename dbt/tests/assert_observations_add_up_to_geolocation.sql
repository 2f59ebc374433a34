-- No observation is lost when geolocation is summed up by zip code prefix, those outside Brazil included.
with counts as (

    select
        (select sum(observations) from {{ ref('int_geolocation_by_zip_prefix') }}) as summed,
        (select count(*) from {{ source('raw', 'geolocation') }}) as observed

)

select * from counts
where coalesce(summed, 0) <> observed

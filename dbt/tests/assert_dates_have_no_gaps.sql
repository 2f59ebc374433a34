-- From the first to the last day of dim_date no day is missing.
with bounds as (

    select
        count(*) as days,
        {{ dbt.datediff('min(full_date)', 'max(full_date)', 'day') }} + 1 as expected_days
    from {{ ref('dim_date') }}

)

select * from bounds
where days <> expected_days

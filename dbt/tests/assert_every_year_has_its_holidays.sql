-- Each holiday in force occurs, on as many days as it has rules, in each year that dim_date has in full.
with full_years as (

    select year
    from {{ ref('dim_date') }}
    group by year
    having count(*) >= 365

),

expected as (

    select
        full_years.year,
        rules.holiday_name,
        count(*) as days
    from {{ ref('brazilian_holidays') }} as rules
    inner join full_years
        on full_years.year >= coalesce(rules.first_year, full_years.year)
    group by full_years.year, rules.holiday_name

),

actual as (

    select
        expected.year,
        expected.holiday_name,
        count(*) as days
    from expected
    inner join {{ ref('dim_date') }} as dim_date
        on expected.year = dim_date.year
        and dim_date.holiday_name like {{ dbt.concat(["'%'", 'expected.holiday_name', "'%'"]) }}
    group by expected.year, expected.holiday_name

)

select
    expected.year,
    expected.holiday_name,
    expected.days as expected_days,
    actual.days as actual_days
from expected
left join actual
    on expected.year = actual.year
    and expected.holiday_name = actual.holiday_name
where expected.days <> coalesce(actual.days, 0)

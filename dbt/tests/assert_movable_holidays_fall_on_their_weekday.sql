-- Whatever the year: Easter is a Sunday, and the holidays that follow from it have their weekdays too.
with expected_weekdays as (

    select 'Carnaval' as holiday_name, 'Monday' as first_day_name, 'Tuesday' as second_day_name
    union all
    select 'Sexta-feira Santa', 'Friday', 'Friday'
    union all
    select 'Páscoa', 'Sunday', 'Sunday'
    union all
    select 'Corpus Christi', 'Thursday', 'Thursday'

)

select
    dim_date.full_date,
    dim_date.day_name,
    dim_date.holiday_name
from {{ ref('dim_date') }} as dim_date
inner join expected_weekdays
    on dim_date.holiday_name like {{ dbt.concat(["'%'", 'expected_weekdays.holiday_name', "'%'"]) }}
where dim_date.day_name not in (expected_weekdays.first_day_name, expected_weekdays.second_day_name)

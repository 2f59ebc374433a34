{% test sum_equals(model, column_name, compare_to, compare_column=none, compare_where='true') %}
    {#-
        The column adds up to the same sum as a column (of the same name, unless `compare_column` says else)
        of another table, or of those of its rows for which `compare_where` holds. Meant for exact types:
        two sums of floats may differ in the last place.
    -#}
    with sums as (

        select
            (select coalesce(sum({{ column_name }}), 0) from {{ model }}) as actual,
            (
                select coalesce(sum({{ compare_column or column_name }}), 0)
                from {{ compare_to }}
                where {{ compare_where }}
            ) as expected

    )

    select * from sums
    where actual <> expected
{% endtest %}

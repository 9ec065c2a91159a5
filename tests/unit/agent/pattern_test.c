/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/pattern.h"

#include <string.h>

#include "tests/test.h"

/* What `report:` {stdout: item} gives for each line of text. */
static void expect_item(const struct value *item, const char *text, const char *wanted)
{
    struct arena a;
    struct buf out;
    struct patterns *p = NULL;
    arena_init(&a);
    buf_init(&out, SIZE_MAX);
    struct value *report = value_dict(&a);
    value_put(&a, report, "stdout", value_copy(&a, item));
    ASSERT_EQ(patterns_new(report, &p, NULL), 0);
    for (const char *line = text; *line; line += strspn(line, "\n")) {
        size_t len = strcspn(line, "\n");
        patterns_apply(p, PATTERNS_STDOUT, line, len, &out);
        patterns_apply(p, PATTERNS_STDERR, line, len, &out);
        line += len;
    }
    ASSERT_STR(buf_str(&out), wanted);
    patterns_free(p);
    buf_done(&out);
    arena_done(&a);
}

static void expect(const char *pattern, const char *text, const char *wanted)
{
    struct arena a;
    arena_init(&a);
    expect_item(value_str(&a, pattern), text, wanted);
    arena_done(&a);
}

TEST(pattern_groups_are_metrics)
{
    expect("step=(?<step>\\S+) loss=(?<loss>\\S+)", "step=3 loss=0.5\nnothing\nstep=4 loss=nan",
           "{\"loss\":0.5,\"step\":3}\n{\"loss\":\"NaN\",\"step\":4}\n");
}

TEST(pattern_group_that_is_not_a_number_is_left_out)
{
    expect("a=(?<a>\\S+) b=(?<b>\\S+)", "a=1x b=2\na=x b=y\n",
           "{\"b\":2.0}\na is \"1x\", which is not a number\na is \"x\", which is not a number\n"
           "b is \"y\", which is not a number\n");
}

/* What no integer can hold is no step: the point gets the next one. */
TEST(pattern_step_beyond_integers_is_left_out)
{
    expect("(?<step>\\S+) (?<loss>\\S+)",
           "1e300 1\nnan 2\n-inf 3\n9007199254740992 4\n-9007199254740991 5\n",
           "{\"loss\":1.0}\nstep is \"1e300\", which is not a step\n"
           "{\"loss\":2.0}\nstep is \"nan\", which is not a step\n"
           "{\"loss\":3.0}\nstep is \"-inf\", which is not a step\n"
           "{\"loss\":4.0}\nstep is \"9007199254740992\", which is not a step\n"
           "{\"loss\":5.0,\"step\":-9007199254740991}\n");
}

TEST(pattern_that_backtracks_without_end_does_not_match)
{
    char line[5001];
    memset(line, 'a', 5000);
    memcpy(line + 4998, "cb", 3);
    expect("(?<x>(a+)+)c$", line, "a pattern takes too many steps to match\n");
}

/* If PCRE2 does not allow the name, it is written as the key of its pattern. The matches of one
 * line are one point. */
TEST(pattern_of_a_metric_by_name)
{
    struct arena a;
    arena_init(&a);
    struct value *names = value_dict(&a), *list = value_list(&a);
    value_put(&a, names, "val/loss", value_str(&a, "val_loss=(\\S+)"));
    value_put(&a, names, "top 1", value_str(&a, "acc=(\\S+)"));
    value_put(&a, names, "step", value_str(&a, "epoch (\\d+)"));
    expect_item(names, "epoch 3 val_loss=0.5 acc=0.25\nval_loss=1\nepoch 4\nacc=x val_loss=2\n",
                "{\"val/loss\":0.5,\"top 1\":0.25,\"step\":3}\n{\"val/loss\":1.0}\n"
                "{\"val/loss\":2.0}\ntop 1 is \"x\", which is not a number\n");
    value_push(&a, list, value_str(&a, "acc=(?<acc>[0-9]+)$"));
    value_push(&a, list, names);
    value_push(&a, list, value_str(&a, "json"));
    expect_item(list, "acc=1\nval_loss=2 acc=x\n  {\"a\": 1}\n",
                "{\"acc\":1.0}\n{\"val/loss\":2.0}\ntop 1 is \"x\", which is not a number\n"
                "  {\"a\": 1}\n");
    arena_done(&a);
}

/* What each tool prints, as it prints it (carriage returns and colours are gone by then). */
TEST(pattern_readers_of_tools)
{
    expect(
        "keras",
        "Epoch 1/2\n"
        " 50/100 [=============>................] - ETA: 3s - loss: 0.9 - accuracy: 0.1\n"
        "100/100 [==============================] - 1s 5ms/step - loss: 0.6931 - accuracy: "
        "0.5300 - val_loss: 6.8e-01 - val_accuracy: 0.5\n"
        "100/100 ━━━━━━━━━━━━━━━━━━━━ 1s 12ms/step - auc: 0.5 - loss: nan\n"
        "100/100 - 1s - loss: 0.25 - 1s/epoch - 12ms/step\n"
        "100/100 - 1s - 12ms/step - loss: 0.125\n"
        "Epoch 2/2\nEpoch 2 began\n"
        "32/32 ━━━━━━━━━━━━━━━━━━━━ 0s 2ms/step\n",
        "{\"step\":1}\n{\"loss\":0.6931,\"accuracy\":0.53,\"val_loss\":0.68,\"val_accuracy\":0.5}\n"
        "{\"auc\":0.5,\"loss\":\"NaN\"}\n{\"loss\":0.25}\n{\"loss\":0.125}\n{\"step\":2}\n");
    expect("tqdm",
           "100%|██████████| 10/10 [00:01<00:00,  9.80it/s, acc=91.2, loss=3.1e-01]\n"
           "Epoch 3: 100%|██████████| 1.00k/1.00k [1:00:10<00:00, 9.8it/s, loss=0.3]\n"
           "Epoch 4/9:  40%|████      | 4/10 [00:01<00:02,  2.90it/s]\n"
           "Epochs:  33%|███▎      | 1/3 [00:00<00:00,  9.80it/s, val=0.5]\n"
           "Steps:  33%|███▎      | 1/3 [00:00<00:00,  9.80it/s, val=0.25]\n"
           "Step:  33%|███▎      | 1/3 [00:00<00:00,  9.80it/s, val=0.125]\n"
           "train [5]: 12it [00:01, 9.80it/s, loss=0.25, note=x]\n"
           "loss=7 without a bar\n",
           "{\"acc\":91.2,\"loss\":0.31}\n{\"step\":3,\"loss\":0.3}\n"
           "{\"step\":1,\"val\":0.5}\n{\"val\":0.25}\n{\"val\":0.125}\n{\"loss\":0.25}\n");
    expect("huggingface",
           "{'loss': 0.3, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': 1.0}\n"
           "  5%|▌         | 100/2000 [00:10<03:00, 10.5it/s]{'eval_loss': '0.25', 'epoch': '2'}\n"
           "{'train_runtime': 10.5, 'train_loss': nan, 'name': 'x'}\n{}\n",
           "{\"loss\":0.3,\"grad_norm\":1.5,\"learning_rate\":5e-05,\"epoch\":1.0}\n"
           "{\"eval_loss\":0.25,\"epoch\":2.0}\n{\"train_runtime\":10.5,\"train_loss\":\"NaN\"}\n");
    expect("lightning",
           "Epoch 3: 100%|██████████| 100/100 [00:10<00:00,  9.80it/s, v_num=0, train_loss=0.31, "
           "val_loss=0.4]\n"
           "│         test_acc          │    0.9100000262260437     │\n"
           "        test_loss           0.3100000262260437\n"
           "       Test metric             DataLoader 0\nSeed set to 42\n",
           "{\"step\":3,\"train_loss\":0.31,\"val_loss\":0.4}\n{\"test_acc\":0.9100000262260437}\n"
           "{\"test_loss\":0.3100000262260437}\n");
    expect("lightgbm",
           "[LightGBM] [Info] Total Bins 255\n[10]\tvalid_0's l2: 0.4\tvalid_0's auc: 0.9\n"
           "[20]  cv_agg's l2: 0.25 + 0.01\n[LightGBM] [Info] Iteration:30, valid_1 l2 : 0.125\n"
           "[40]\tvalidation_0-rmse:0.5\tvalidation_1-rmse:0.75\n[50]\ttrain-rmse:0.5+0.01\n",
           "{\"step\":10,\"valid_0's l2\":0.4,\"valid_0's auc\":0.9}\n"
           "{\"step\":20,\"cv_agg's l2\":0.25}\n{\"step\":30,\"valid_1 l2\":0.125}\n"
           "{\"step\":40,\"validation_0-rmse\":0.5,\"validation_1-rmse\":0.75}\n"
           "{\"step\":50,\"train-rmse\":0.5}\n");
    expect("logging",
           "INFO:root:epoch=3 loss=0.5\n"
           "2026-05-01 12:00:00,123 - train - INFO - step 7: val/loss: 0.25, acc=90%\n"
           "[2026-05-01 12:00:00,123][__main__][INFO] - loss = 1e-3\nloss=9\nINFO:root:begun\n",
           "{\"step\":3,\"epoch\":3.0,\"loss\":0.5}\n{\"step\":7,\"val/loss\":0.25,\"acc\":90.0}\n"
           "{\"loss\":0.001}\n");
    expect("key=value",
           "epoch=3 train_loss=0.5 lr=1e-05\nEpoch [4/10], Loss: 0.25\n12:00:01 began at 7\n"
           "step=5\nmode=fast loss=-inf\nepoch=1.5 loss=2\n",
           "{\"step\":3,\"epoch\":3.0,\"train_loss\":0.5,\"lr\":1e-05}\n"
           "{\"step\":4,\"Loss\":0.25}\n{\"loss\":\"-Infinity\"}\n{\"epoch\":1.5,\"loss\":2.0}\n");
}
